"""CONTRIBUTING.md and docs/architecture.md: the files they name are there, and the walks go as they say."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = {name: (ROOT / name).read_text() for name in ("CONTRIBUTING.md", "docs/architecture.md", "README.md")}
PATH = re.compile(r"`((?:engine|presets|tui_trainer|tests|docs)/[\w/.]*)`")


class Step(NamedTuple):
    """A step of a walk: a file, what to look for in it, and whether a call or an import leads there."""

    path: str
    symbol: str
    is_called: bool

    @property
    def name(self) -> str:
        return self.symbol.rpartition(".")[2]


def walks() -> dict[str, list[Step]]:
    """Return the steps of each walk, by its title."""
    found = {}
    for part in GUIDES["docs/architecture.md"].split("\n### ")[1:]:
        steps = re.findall(r"^\d+\. (⇣ )?`([\w/.]+)` `([\w.]+)`", part, re.MULTILINE)
        found[part.partition("\n")[0]] = [Step(path, symbol, not arrow) for arrow, path, symbol in steps]
    return found


def defined_in(tree: ast.AST) -> set[str]:
    """Return the dotted names of classes, functions and constants of a module."""
    names = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {node.name, *(f"{node.name}.{name}" for name in defined_in(node))}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def mentioned_in(tree: ast.AST) -> set[str]:
    """Return the names that a module uses: of variables, attributes, imports, and strings that are names."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) | ast.Constant(value=str(name)):
                names.add(name)
    return names


@pytest.mark.parametrize("guide", GUIDES)
def test_the_files_that_it_names_are_there(guide: str) -> None:
    named = PATH.findall(GUIDES[guide])
    assert named or guide == "README.md"
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_what_it_links_to_is_there(guide: str) -> None:
    targets = re.findall(r"\]\(([\w./-]+)\)", GUIDES[guide])
    assert [target for target in targets if not (ROOT / guide).parent.joinpath(target).exists()] == []


def test_there_are_three_walks() -> None:
    assert [len(steps) >= 10 for steps in walks().values()] == [True] * 3


@pytest.mark.parametrize("title", walks())
def test_each_step_of_a_walk_is_where_it_says(title: str) -> None:
    missing = [
        step for step in walks()[title] if step.symbol not in defined_in(ast.parse((ROOT / step.path).read_text()))
    ]
    assert missing == []


@pytest.mark.parametrize("title", walks())
def test_each_step_of_a_walk_leads_to_the_next(title: str) -> None:
    steps = walks()[title]
    broken = [
        f"{here.path} does not speak of {there.symbol}"
        for here, there in pairwise(steps)
        if there.is_called and there.name not in mentioned_in(ast.parse((ROOT / here.path).read_text()))
    ]
    assert broken == []
