"""Private parts of Textual and Rich are used in one room, which says what it was checked with."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from importlib import import_module, metadata
from inspect import getmembers, isclass
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tui_trainer
from tui_trainer.textual_patches import CHECKED_WITH

ROOT = Path(tui_trainer.__file__).parent
ROOM = ROOT / "textual_patches.py"
FRAMEWORKS = ("textual", "rich")
FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOM)


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def names_defined(tree: ast.AST) -> Iterator[str]:
    """Yield every name and attribute that a module gives a meaning."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


TREES = {path: ast.parse(path.read_text()) for path in FILES}
OURS = {name for tree in TREES.values() for name in names_defined(tree)} | {"_replace"}
"""Private names of our own; ``_replace`` is what every named tuple has."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_reads_a_private_part(path: Path) -> None:
    names = [node.attr for node in ast.walk(TREES[path]) if isinstance(node, ast.Attribute) and is_private(node.attr)]
    foreign = {name for name in names if name not in OURS}
    if "plotext" in path.read_text():  # what is private there is another matter
        foreign -= {"_limit_size"}
    assert not foreign


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_module_imports_a_private_part(path: Path) -> None:
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in FRAMEWORKS:
            parts = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            assert not any(is_private(part) for part in parts), parts


def test_no_other_class_overrides_a_private_part() -> None:
    overridden = set()
    for module in walk_packages(tui_trainer.__path__, "tui_trainer."):
        if module.name.endswith("__main__"):
            continue
        for _, kind in getmembers(import_module(module.name), isclass):
            if not kind.__module__.startswith("tui_trainer.") or kind.__module__ == "tui_trainer.textual_patches":
                continue
            theirs = {name for base in kind.__mro__ if base.__module__.startswith(FRAMEWORKS) for name in vars(base)}
            overridden |= {(kind.__qualname__, name) for name in vars(kind) if is_private(name) and name in theirs}
    written_by_textual = {"_merged_bindings", "_css_type_name", "_css_type_names", "_inherit_css", "_inherit_bindings"}
    written_by_textual |= {"_inherit_component_classes", "_decorated_handlers", "_reactives", "_computes"}
    written_by_textual.add("_abc_impl")  # by Python, in every abstract class
    assert {(kind, name) for kind, name in overridden if name not in written_by_textual} == set()


def test_the_release_that_is_installed_is_the_one_that_was_checked() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    (bound,) = (requirement for requirement in project["dependencies"] if requirement.startswith("textual"))
    major = int(CHECKED_WITH.partition(".")[0])
    assert bound.endswith(f"<{major + 1}"), "go through textual_patches.py before the bound moves"
    assert metadata.version("textual").startswith(f"{major}.")
