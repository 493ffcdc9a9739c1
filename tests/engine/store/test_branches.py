"""A branch shares its parent's past, and goes its own way from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import presets
from engine.errors import InputError
from engine.names import MAX_RUN, is_name
from engine.run.data_facts import DataFacts
from engine.store.branches import branch
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer

FACTS = DataFacts(inputs=30, classes=("malignant", "benign"), rows=(341, 114, 114))


def trained(store: RunStore, epochs: int) -> tuple[Run, Trainer]:
    """Return a run as a worker leaves it, with a dial turned in its first epoch."""
    spec = presets.load("breast-cancer", set={"training.epochs": epochs})
    run = store.create(spec, [3])
    trainer = Trainer(spec, 3)
    run.checkpoints.save(trainer.checkpoint(), keep="first")
    for result in trainer.epochs():
        run.metrics.append(result.epoch, result.row()[None])
        run.checkpoints.save(trainer.checkpoint())
        if result.epoch == 1:
            change = trainer.changes.plan("training.learning_rate", 0.01)
            run.metrics.record_change(change)
            trainer.apply([change])
        run.metrics.append_point("gradient_norm.0", trainer.state.total_steps, result.epoch, [result.epoch / 4])
    run.metrics.record_state(data=FACTS)
    return run, trainer


def test_a_branch_goes_on_as_its_parent_did(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run, undisturbed = trained(store, 6)
    new = branch(store, run, 4)
    assert new.description.parent == f"{run.name}@4"
    assert new.summary().epoch == 4
    assert [change.path for change in new.metrics.changes()] == ["training.learning_rate"]
    np.testing.assert_array_equal(new.metrics.rows(), run.metrics.rows(last=4))
    assert new.metrics.changes() == run.metrics.changes()
    assert new.metrics.state().data == FACTS
    points = new.metrics.points("gradient_norm.0")
    assert (points.epochs.tolist(), points.values[:, 0].tolist()) == ([1, 2, 3, 4], [0.25, 0.5, 0.75, 1.0])
    checkpoint = new.checkpoints.latest()
    assert checkpoint is not None
    trainer = Trainer.from_checkpoint(checkpoint)
    trainer.apply(new.metrics.changes())
    assert trainer.learning_rate == 0.01
    for _ in trainer.epochs():
        pass
    np.testing.assert_array_equal(trainer.network.parameters.flat, undisturbed.network.parameters.flat)


def test_a_branch_from_before_a_change_does_not_know_it(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run, _ = trained(store, 3)
    new = branch(store, run, 0, name="again")
    assert new.metrics.changes() == []
    assert len(new.metrics.rows()) == 0
    assert new.summary().state == "stopped"


def test_a_branch_bears_the_name_of_the_run_it_goes_back_to(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run, _ = trained(store, 1)
    first = branch(store, run, 0)
    names = [run.name, first.name, branch(store, run, 0).name, branch(store, first, 0).name]
    assert names == [run.name, *(f"{run.name}-branch-{number}" for number in (1, 2, 3))]
    long = branch(store, run, 0, name="x" * MAX_RUN)
    assert is_name(branch(store, long, 0).name)


def test_an_epoch_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run, _ = trained(store, 2)
    with pytest.raises(InputError, match="no checkpoint of epoch 77"):
        branch(store, run, 77)
    assert [one.name for one in store.runs()] == [run.name]


def test_a_branch_of_a_mid_epoch_checkpoint_knows_what_waits(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    spec = presets.load("breast-cancer", set={"training.epochs": 3})
    run, trainer = store.create(spec, [3]), Trainer(spec, 3)
    trainer.step()
    change = trainer.changes.plan("training.batch_size", 16, author="ada")
    run.metrics.record_change(change)
    trainer.apply([change])
    run.checkpoints.save(trainer.checkpoint())
    new = branch(store, run, 0)
    assert new.metrics.changes() == [change] == run.metrics.changes()
    checkpoint = new.checkpoints.latest()
    assert checkpoint is not None
    resumed = Trainer.from_checkpoint(checkpoint)
    resumed.apply(new.metrics.changes())
    assert resumed.change_log.pending == [change]
