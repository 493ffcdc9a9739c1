"""Copies of a trainer, however they are made: each trains on by itself, to the numbers of the original."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

import presets
from engine.array_types import Rows
from engine.errors import TrainerError
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe


def by_joblib(trainer: Trainer) -> Trainer:
    file = io.BytesIO()
    joblib.dump(trainer, file)
    file.seek(0)
    loaded: Trainer = joblib.load(file)
    return loaded


def by_pickle(trainer: Trainer) -> Trainer:
    loaded: Trainer = pickle.loads(pickle.dumps(trainer))  # noqa: S301 - our own
    return loaded


COPIES: dict[str, Callable[[Trainer], Trainer]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": by_pickle,
    "joblib": by_joblib,
    "a copy of a copy": lambda trainer: by_pickle(copy.deepcopy(copy.copy(trainer))),
    "within something": lambda trainer: copy.deepcopy({"best": [trainer]})["best"][0],
}
DROPOUT: dict[str, Any] = {
    "network__layers": [
        {"units": 12, "activation": "relu", "dropout": 0.3},
        {"units": 1, "activation": "sigmoid"},
    ],
    "training__epochs": 6,
}


def rest_of(trainer: Trainer) -> Rows:
    return np.stack([result.row() for result in trainer.epochs()])


@pytest.fixture(params=list(COPIES.values()), ids=list(COPIES))
def copied(request: pytest.FixtureRequest) -> Callable[[Trainer], Trainer]:
    copier: Callable[[Trainer], Trainer] = request.param
    return copier


def test_a_copy_learns_as_the_original_does(copied: Callable[[Trainer], Trainer]) -> None:
    """The losses are those of a trainer that nobody copied."""
    trainer = Trainer(presets.load("breast-cancer", set={"training.epochs": 3}), seed=1)
    twin = copied(trainer)
    for one in (twin, trainer):
        assert [round(float(result.train.loss), 4) for result in one.epochs()] == [0.7752, 0.7124, 0.6628]
        assert one.non_finite is None


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_copy_goes_on_from_where_it_was_made(copied: Callable[[Trainer], Trainer], optimizer: str) -> None:
    spec = recipe(**DROPOUT, training__optimizer=optimizer)
    expected = rest_of(Trainer(spec))
    trainer = Trainer(spec)
    trainer.advance(2)
    trainer.step()
    trainer.step()
    twin = copied(trainer)
    assert (twin.epoch, twin.step_in_epoch) == (2, 2)
    np.testing.assert_array_equal(twin.network.parameters.flat, trainer.network.parameters.flat)
    np.testing.assert_array_equal(rest_of(twin), expected[2:])
    np.testing.assert_array_equal(rest_of(trainer), expected[2:])  # the copy's training was nothing to it


def test_a_copy_of_a_band_and_its_changes(copied: Callable[[Trainer], Trainer]) -> None:
    trainer = Trainer(recipe(**DROPOUT), seeds=(3, 4))
    trainer.advance(2)
    trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 9})
    trainer.change("training.learning_rate", 0.02)
    twin = copied(trainer)
    assert twin.seeds == (3, 4)
    assert twin.change_log.done == trainer.change_log.done
    np.testing.assert_array_equal(rest_of(twin), rest_of(trainer))


def test_what_is_done_to_a_copy_is_not_done_to_the_original(copied: Callable[[Trainer], Trainer]) -> None:
    trainer = Trainer(recipe(**DROPOUT))
    before = trainer.network.parameters.flat.copy()
    twin = copied(trainer)
    twin.change("weights.0.0.0", 7.5)
    twin.layers[1].bias[...] = 3.0
    assert (twin.network.parameters.layers[0][0, 0, 0], twin.network.parameters.flat[0, -1]) == (7.5, 3.0)
    np.testing.assert_array_equal(trainer.network.parameters.flat, before)


def test_a_copy_keeps_the_best_and_the_last_weights(copied: Callable[[Trainer], Trainer]) -> None:
    stopping: dict[str, Any] = {"training__stopping": {"patience": 50}, "training__learning_rate": 0.3}
    expected = rest_of(Trainer(recipe(**{**DROPOUT, **stopping, "training__epochs": 12})))
    trainer = Trainer(recipe(**{**DROPOUT, **stopping}))
    list(trainer.epochs())
    twin = copied(trainer)
    assert twin.evaluate("validation") == trainer.evaluate("validation")
    twin.change("training.epochs", 12)
    np.testing.assert_array_equal(rest_of(twin), expected[6:])


def test_another_process_trains_a_pickle_on(tmp_path: Path) -> None:
    trainer = Trainer(recipe(**DROPOUT))
    trainer.advance(2)
    (tmp_path / "trainer").write_bytes(pickle.dumps(trainer))
    program = f"""
import pickle, pathlib
trainer = pickle.loads(pathlib.Path({str(tmp_path / "trainer")!r}).read_bytes())
print([float(result.train.loss).hex() for result in trainer.epochs()])
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str([float(result.train.loss).hex() for result in trainer.epochs()])


def test_a_copied_network_is_whole() -> None:
    trainer = Trainer(recipe(**DROPOUT))
    kept = copy.deepcopy(trainer.network)
    kept.parameters.layers[0][...] = 1.0
    assert kept.parameters.flat[0, 0] == 1.0
    assert trainer.network.parameters.flat[0, 0] != 1.0


@pytest.mark.parametrize("part", ["state", "inside", "changes", "layer_norms"])
def test_a_part_that_cannot_be_copied_says_so(part: str) -> None:
    trainer = Trainer(recipe(**DROPOUT))
    for use in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TrainerError, match=r"copy the trainer, or its checkpoint\(\)"):
            use(getattr(trainer, part))
