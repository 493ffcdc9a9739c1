"""What an import brings with it, looked up in the modules of a fresh process.

The layers themselves are checked by import-linter; this is about weight: what is slow to load is loaded when needed.
"""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from graphlib import TopologicalSorter

import grimp
import pytest

from tui_trainer import view_models

SCREEN = {"textual", "rich", "plotext", "click"}


def modules_after(statement: str) -> list[str]:
    """Return the names of the modules that are loaded after ``statement``."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split()


def loaded_by(statement: str) -> set[str]:
    """Return the names of the packages that are loaded after ``statement``."""
    return {name.partition(".")[0] for name in modules_after(statement)}


@pytest.mark.parametrize(
    ("statement", "kept_out"),
    [
        (
            "import tui_trainer.cli",
            {"numpy", "pydantic", "textual", "rich", "sklearn", "pyarrow", "plotext", "asyncio"},
        ),
        ("import tui_trainer.app", {"sklearn", "scipy", "pyarrow", "plotext"}),
        ("import tui_trainer.headless.training", {"textual", "sklearn", "pyarrow", "plotext", "rich"}),
        ("import engine; engine.Trainer", SCREEN | {"asyncio", "sklearn", "pyarrow", "presets", "tui_trainer"}),
        ("import engine.worker.process", SCREEN | {"presets", "tui_trainer"}),
        ("import presets", SCREEN | {"asyncio", "sklearn", "pyarrow", "tui_trainer"}),
    ],
)
def test_an_import_stays_light(statement: str, kept_out: set[str]) -> None:
    assert not loaded_by(statement) & kept_out


def test_view_models_know_no_screen() -> None:
    modules = [module.name for module in pkgutil.walk_packages(view_models.__path__, "tui_trainer.view_models.")]
    assert len(modules) > 20
    assert not loaded_by("; ".join(f"import {module}" for module in modules)) & SCREEN


@pytest.mark.parametrize(
    ("statement", "rooms_kept_out"),
    [
        ("import engine.spec", {"engine.data", "engine.numerics", "engine.training", "engine.store"}),
        ("import engine.store, engine.store.runs", {"engine.data", "engine.numerics", "engine.training"}),
        ("import presets", {"engine.data", "engine.numerics", "engine.training"}),
    ],
)
def test_who_only_looks_loads_nothing_that_reads_or_computes(statement: str, rooms_kept_out: set[str]) -> None:
    loaded = {".".join(name.split(".")[:2]) for name in modules_after(statement)}
    assert "engine.spec" in loaded
    assert not loaded & rooms_kept_out


def test_a_recipe_is_read_without_numpy() -> None:
    assert "numpy" not in loaded_by("import engine.spec")


def test_a_training_begins_without_other_loaders_and_masked_arrays() -> None:
    loaded = modules_after("import engine, presets\nengine.Trainer(presets.load('xor')).advance(1)")
    assert "engine.data.loaders.generators" in loaded
    assert not {"engine.data.loaders.csv_file", "engine.data.loaders.pictures", "numpy.ma"} & set(loaded)


def test_the_programs_help_stays_light() -> None:
    statement = "from tui_trainer.cli import main\nmain(['--help'])"
    assert not loaded_by(statement) & {"numpy", "pydantic", "textual", "asyncio", "sklearn"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("engine", "presets", "tui_trainer", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle
