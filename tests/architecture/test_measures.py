"""The measures that the house keeps: short functions, small classes, a dashboard that leans on few."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("engine", "presets", "tui_trainer")

SHORT = 30
"""Lines of a function, with its docstring."""
SHORT_SHARE = 0.98
MOST_METHODS = 25
MANY = "methods, because"
"""With these words, a class of more methods says why in its docstring."""
MOST_IMPORTS = 20

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield each module's path and tree."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def lines_of(function: Function) -> int:
    """Return how many lines a function has, from ``def`` to its end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_functions_are_short() -> None:
    lengths = {
        f"{path}:{node.lineno} {node.name}": lines_of(node)
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    }
    longest = sorted(lengths.items(), key=lambda item: -item[1])
    assert len(lengths) > 1000
    assert sum(length <= SHORT for length in lengths.values()) >= SHORT_SHARE * len(lengths), longest[:40]


def test_a_class_of_many_methods_says_why() -> None:
    large = [
        f"{path}:{node.lineno} {node.name}: {count}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and (count := sum(isinstance(part, Function) for part in node.body)) > MOST_METHODS
        and MANY not in " ".join((ast.get_docstring(node) or "").split())
    ]
    assert large == []


def test_the_dashboard_leans_on_few_of_our_modules() -> None:
    tree = ast.parse((ROOT / "tui_trainer" / "screens" / "dashboard.py").read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in imported if name.partition(".")[0] in PACKAGES}
    assert len(ours) < MOST_IMPORTS, sorted(ours)
