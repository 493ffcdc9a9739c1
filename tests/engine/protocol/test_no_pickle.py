"""Nothing that could run what it reads: no pickle and none of its kin, anywhere in the three packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import engine
import presets
import tui_trainer

MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
CALLS = {"eval", "exec", "compile", "recv_pyobj", "send_pyobj"}


def offences(source: str) -> Iterator[str]:
    """Yield what a module does that it should not."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.partition(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield name
            case ast.Attribute(attr=name) if name in {"recv_pyobj", "send_pyobj"}:
                yield name
            case ast.keyword(arg="allow_pickle", value=value) if not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                yield "allow_pickle"


@pytest.mark.parametrize("package", [engine, presets, tui_trainer], ids=lambda package: package.__name__)
def test_no_module_unpickles(package: ModuleType) -> None:
    folder = Path(str(package.__file__)).parent
    found = {path.relative_to(folder): list(offences(path.read_text())) for path in folder.rglob("*.py")}
    assert found
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import os, pickle as p",
        "from marshal import loads",
        "socket.recv_pyobj()",
        "eval('1')",
        "np.load(path, allow_pickle=True)",
        "np.load(path, allow_pickle=maybe)",
    ],
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert list(offences(source))


@pytest.mark.parametrize("source", ["import json", "np.load(path, allow_pickle=False)", "re.compile('x')"])
def test_the_search_lets_the_rest_pass(source: str) -> None:
    assert not list(offences(source))
