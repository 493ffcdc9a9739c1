"""The same commands everywhere: Makefile, CI, the hooks before a commit, the workflow, the README."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
README = (ROOT / "README.md").read_text()
GOALS = ("setup", "check", "test", "test-long", "pictures", "bench", "soak", "fuzz", "faults")


def recipe(goal: str) -> list[str]:
    """Return the command lines of a goal of the Makefile."""
    (lines,) = re.findall(rf"^{goal}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    return [line.strip() for line in lines.splitlines()]


def test_every_goal_has_a_recipe_and_is_declared_to_be_no_file() -> None:
    (declared,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert tuple(declared.split()) == GOALS
    assert all(recipe(goal) for goal in GOALS)


def test_setup_and_test_are_the_readmes_own_command() -> None:
    assert " && ".join(recipe("setup") + recipe("test")) in README


def test_ci_ends_with_the_checks() -> None:
    script = (ROOT / ".ci" / "run").read_text().splitlines()
    assert script[-len(recipe("check")) :] == recipe("check")


def test_the_hooks_are_the_checks() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"^ +entry: (.*)$", hooks, re.MULTILINE) == recipe("check")


def test_the_workflow_sets_up_checks_and_tests() -> None:
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text()
    assert re.findall(r"- run: make (.*)$", workflow, re.MULTILINE) == ["setup", "check", "test"]


@pytest.mark.parametrize("goal", ["pictures", "bench", "soak", "fuzz"])
def test_the_readme_tells_what_each_of_these_runs(goal: str) -> None:
    for command in recipe(goal):
        assert command.removeprefix(".venv/bin/") in README
