"""The trainer of a stored run: as it stands, and as it stood after any of its epochs, changes and all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import presets
from engine.errors import InputError
from engine.store.runs import Run, RunStore
from engine.training.stored import latest_trainer, trainer_at
from engine.training.trainer import Trainer

EPOCHS = 8


def parameters(trainer: Trainer) -> bytes:
    return trainer.network.parameters.flat.tobytes()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[bytes]]:
    """A run that was widened and slowed on its way, with checkpoints at its start and in the middle of an epoch."""
    spec = presets.load("iris", set={"training.epochs": EPOCHS, "training.optimizer": "adam", "network.dropout": 0.2})
    run = RunStore(tmp_path_factory.mktemp("store")).create(spec, [spec.training.seed], name="kept")
    trainer = Trainer(spec)
    after = [parameters(trainer)]
    run.checkpoints.save(trainer.checkpoint(), keep="first")
    while trainer.epoch < EPOCHS:
        if trainer.epoch == 3 and not trainer.step_in_epoch:
            for path, value in (
                ("network.edit", {"kind": "set-units", "layer": 0, "units": 12}),
                ("training.learning_rate", 0.001),
            ):
                run.metrics.record_change(trainer.change(path, value))
        if (trainer.epoch, trainer.step_in_epoch) == (5, 1):
            run.checkpoints.save(trainer.checkpoint())
        if trainer.step() is not None:
            after.append(parameters(trainer))
    run.metrics.append(1, np.zeros((EPOCHS, 1, 5)))
    run.metrics.record_state(state="stopped", epoch=EPOCHS)
    run.metrics.close()
    return run, after


@pytest.mark.parametrize("epoch", range(EPOCHS + 1))
def test_any_epoch_comes_back_bit_for_bit(kept: tuple[Run, list[bytes]], epoch: int) -> None:
    run, after = kept
    trainer = trainer_at(Run(run.path), epoch)
    assert (trainer.epoch, trainer.step_in_epoch) == (epoch, 0)
    assert parameters(trainer) == after[epoch]


def test_the_latest_is_as_far_as_the_metrics_reach(kept: tuple[Run, list[bytes]]) -> None:
    run, after = kept
    trainer = latest_trainer(Run(run.path))
    assert trainer.epoch == EPOCHS
    assert parameters(trainer) == after[EPOCHS]


def test_an_epoch_that_was_not_reached_is_refused(kept: tuple[Run, list[bytes]]) -> None:
    with pytest.raises(InputError, match="run kept: epoch: expected 0 to 8"):
        trainer_at(Run(kept[0].path), EPOCHS + 1)


def test_nothing_of_the_run_is_touched(kept: tuple[Run, list[bytes]]) -> None:
    def contents(folder: Path) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    run, _ = kept
    before = contents(run.path)
    trainer_at(Run(run.path), 4)
    latest_trainer(Run(run.path))
    assert {name: before.get(name) for name in before} == contents(run.path)
