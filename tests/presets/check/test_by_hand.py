"""The values by hand, of networks of any size, against the plan's gradients and the loss itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from engine.errors import InputError
from engine.training.trainer import Trainer
from presets.check import by_hand
from presets.claims import ByHandMeasure


def values(preset: str, **measure: Any) -> dict[str, Any]:
    return by_hand.values(preset, ByHandMeasure.model_validate({"kind": "by-hand", **measure}))


def test_the_gradient_over_all_rows_is_that_of_a_step_of_the_plan() -> None:
    changes = {"network.units": [3, 4], "training.batch_size": "full"}
    found = values("plants-two-layer", set=changes)
    trainer = Trainer(presets.load("plants-two-layer", set=changes))
    before = float(np.ravel(trainer.evaluate("train").loss)[0])
    trainer.step()
    gradients = trainer.gradients()
    assert gradients is not None
    for number, layer in enumerate(trainer.network.parameters.split(gradients), 1):
        np.testing.assert_allclose(layer[0][:, :-1], found[f"dL_dW{number}"], rtol=1e-9)
        np.testing.assert_allclose(layer[0][:, -1], found[f"dL_db{number}"], rtol=1e-9)
    assert found["L"] == pytest.approx(before, rel=1e-12)
    for number, view in enumerate(trainer.layers, 1):
        np.testing.assert_allclose(view.weights, found[f"W{number}_new"], rtol=1e-12)
        np.testing.assert_allclose(view.bias, found[f"b{number}_new"], rtol=1e-12)
    assert found["L_new"] == pytest.approx(float(np.ravel(trainer.evaluate("train").loss)[0]), rel=1e-12)


def test_a_wiggle_measures_the_slope_and_leaves_the_network_as_it_was() -> None:
    found = values("backprop-2-2-1", row=0, wiggle="W1[1,0]", by=1e-6)
    assert found["central"] == pytest.approx(found["chain"], rel=1e-7)
    assert found["measured"] == pytest.approx(found["chain"], rel=1e-4)
    assert found["W1"][1, 0] == 0.3 + 1e-6  # forward values are those of the moved weight


@pytest.mark.parametrize(
    "measure", [{"row": 1}, {"part": "validation"}, {"row": 0, "wiggle": "W3[0,0]"}, {"row": 0, "wiggle": "b1[2]"}]
)
def test_what_is_not_there_is_refused_in_a_line(measure: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"there is no (row|entry)"):
        values("backprop-2-2-1", **measure)


def test_a_step_activation_goes_forward_only() -> None:
    found = values("loan-neuron", row=0)
    assert float(found["Z1"].item()) == pytest.approx(3.95)
    assert "dL_dW1" not in found
