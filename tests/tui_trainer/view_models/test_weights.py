from __future__ import annotations

import numpy as np
import pytest

from engine.declarations.optimizers import DECLARED_OPTIMIZERS
from engine.run.changes import acts_at
from engine.spec import override
from engine.training.trainer import Trainer
from engine.views.catalog import VIEWS
from presets import load
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.run import RunModel, insides_of
from tui_trainer.view_models.weights import detail_of, kinds_of, matrices_of, views_for, weight_path


def model_of(trainer: Trainer, *kinds: str) -> RunModel:
    """Return a model that was told what a worker tells of a trainer."""
    run = RunModel(make_welcome(trainer.spec))
    arrays = {
        f"{view}.{name}": array
        for kind in kinds
        for view in views_for(kind, details=True)
        for name, array in VIEWS[view](trainer).items()
    }
    run.weights.update(
        {int(name.split(".")[1]): array for name, array in arrays.items() if name.startswith("weights.")}
    )
    run.insides = insides_of(arrays)
    return run


@pytest.mark.parametrize("optimizer", DECLARED_OPTIMIZERS)
def test_the_moments_offered_are_those_that_the_worker_tells_of(optimizer: str) -> None:
    trainer = Trainer(override(load("breast-cancer"), {"training.optimizer": optimizer}), seed=1)
    trainer.step()
    run = model_of(trainer, "weights")
    assert {kind for kind in kinds_of(trainer.spec) if kind.startswith("moments.")} == {
        kind for kind in run.insides if kind.startswith("moments.")
    }
    for kind in kinds_of(trainer.spec)[:-1]:
        assert matrices_of(run, kind)[0].shape == (16, 31)


@pytest.mark.parametrize(("optimizer", "followed"), [("adam", "m"), ("rmsprop", None), ("sgd", None)])
def test_the_step_size_is_what_leads_from_what_was_followed_to_the_update(optimizer: str, followed: str | None) -> None:
    trainer = Trainer(override(load("breast-cancer"), {"training.optimizer": optimizer}), seed=1)
    before = trainer.layers[0].weights[3, 4].copy()
    trainer.step()
    detail = detail_of(model_of(trainer, "weights"), 0, 3, 4)
    assert detail is not None
    assert detail.step_size is not None
    assert detail.update == pytest.approx(float(trainer.layers[0].weights[3, 4] - before), rel=1e-3)
    cause = detail.moments[followed] if followed else detail.slope
    assert -detail.step_size * cause == pytest.approx(detail.update, rel=1e-5)


def test_a_velocity_is_followed_as_it_is_and_has_no_step_size() -> None:
    trainer = Trainer(override(load("breast-cancer"), {"training.optimizer": "momentum"}), seed=1)
    trainer.step()
    detail = detail_of(model_of(trainer, "weights"), 0, 3, 4)
    assert detail is not None
    assert detail.step_size is None
    assert detail.moments["velocity"] == detail.update


def test_before_the_first_step_there_is_nothing_to_tell_of_it() -> None:
    assert detail_of(model_of(Trainer(load("breast-cancer"), seed=1), "weights"), 0, 0, 0) is None
    assert detail_of(RunModel(make_welcome()), 0, 0, 0) is None


def test_a_network_without_hidden_layers_has_no_activations_to_show() -> None:
    assert "activations" not in kinds_of(make_spec(network__units=[]))
    assert kinds_of(make_spec())[-1] == "activations"


def test_only_what_is_looked_at_is_asked_for() -> None:
    assert views_for("moments.m", details=False) == ("weights", "moments")
    assert views_for("gradients", details=True) == ("weights", "gradients", "updates", "moments")
    assert views_for("activations", details=False) == ("weights", "neurons")


def test_the_path_of_a_weight_is_one_that_the_engine_takes() -> None:
    assert acts_at(weight_path(0, 3, 30)) == "step"


def test_names_with_two_dots_are_folded_and_what_is_stale_goes() -> None:
    matrix = np.ones((2, 3))
    assert insides_of({"moments.m.1": matrix, "gradients.0": matrix, "weights.0": matrix, "moments.x": matrix}) == {
        "moments.m": {1: matrix},
        "gradients": {0: matrix},
    }
