"""A network that there is no memory for is refused before it is made, or before an edit is taken down."""

from __future__ import annotations

import pytest

from engine.data import memory
from engine.errors import InputError
from engine.training.memory_estimate import COPIES, SIGNALS, memory_estimate
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe


def test_parameters_and_activations_are_counted_for_every_seed() -> None:
    spec = recipe(network__layers=[{"units": 3, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}])
    parameters, neurons = 2 * 3 + 3 + 3 * 1 + 1, 4
    bytes_each = {"float32": 4, "float64": 8}[spec.training.dtype]
    expected = 5 * bytes_each * (COPIES * parameters + SIGNALS * 10 * neurons)
    assert memory_estimate(spec, 2, seeds=5, rows=10) == expected


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(recipe())
    enough = memory_estimate(trainer.spec, trainer.inputs, seeds=1, rows=13)
    monkeypatch.setattr(memory, "limit", lambda: 2 * enough)


@pytest.mark.usefixtures("little_memory")
def test_more_seeds_than_there_is_memory_for_are_refused() -> None:
    Trainer(recipe(), seeds=range(2))
    with pytest.raises(InputError, match=r"network\.layers: too large: training it with 3 seeds takes about"):
        Trainer(recipe(), seeds=range(3))


@pytest.mark.usefixtures("little_memory")
def test_an_edit_that_is_too_large_leaves_no_trace() -> None:
    trainer = Trainer(recipe())
    trainer.step()
    with pytest.raises(InputError, match=r"network\.layers: too large"):
        trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 10_000})
    assert not trainer.change_log.pending
    assert not trainer.change_log.done


@pytest.mark.usefixtures("little_memory")
def test_a_batch_of_all_rows_takes_more() -> None:
    with pytest.raises(InputError, match=r"network\.layers: too large"):
        Trainer(recipe(training__batch_size="full", data__samples=5000))


@pytest.mark.usefixtures("little_memory")
def test_edits_that_wait_count() -> None:
    trainer = Trainer(recipe())
    units = trainer.spec.network.layers[0].units
    trainer.step()
    for more in range(1, 200):
        try:
            trainer.change("network.edit", {"kind": "add-layer", "layer": 0, "units": units})
        except InputError as error:
            assert "too large" in str(error)  # noqa: PT017 (which one of them is not known beforehand)
            assert len(trainer.change_log.pending) == more - 1 > 0
            return
    pytest.fail("never refused")
