"""The programs of scikit-learn, PyTorch and Keras: they answer as the run did, and train."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from engine.export.programs import PROGRAMS
from engine.export.subject import subject
from tests.engine.export.runs import difference, exported, functions, printed, trained
from tests.engine.export.test_numpy_program import EXACT
from tests.engine.training.recipes import recipe


@pytest.mark.parametrize("library", ["torch", "keras", "sklearn"])
def test_every_recipe_becomes_a_program_that_python_takes(library: str) -> None:
    for number, (name, spec) in enumerate(EXACT.items()):
        program = PROGRAMS[library](subject(trained(spec, name=f"run-{number}")[0]))
        compile(program.text, name, "exec")
        assert program.remarks


@pytest.mark.parametrize("name", ["two classes", "three classes", "values", "relu with bce", "early stopping"])
def test_scikit_learn_answers_as_the_run_did(name: str, tmp_path: Path) -> None:
    import numpy as np

    run, _ = trained(EXACT[name])
    exported(run, "sklearn", tmp_path / "mine")
    data = np.load(tmp_path / "mine/data.npz")
    np.testing.assert_allclose(functions(tmp_path / "mine")["predict"](data["X"]), data["answers"], atol=1e-9)


@pytest.mark.parametrize("library", ["torch", "keras", "sklearn"])
def test_it_runs_and_trains_where_its_library_is(library: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    run, _ = trained(recipe(training__dtype="float32"))
    exported(run, library, tmp_path / "mine")
    assert difference(printed(tmp_path / "mine")) < 1e-6
    assert printed(tmp_path / "mine", "--train")
