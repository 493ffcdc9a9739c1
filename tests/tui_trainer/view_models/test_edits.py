from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.declarations.activations import HIDDEN_ACTIVATIONS
from engine.errors import InputError
from engine.run.changes import EditNetwork
from engine.run.edits import AddLayer, AnyEdit, RemoveLayer, SetActivation, SetInitializer, SetUnits, edited
from engine.spec import LayerSpec, Spec
from tests.tui_trainer.fake_client import make_spec
from tui_trainer.view_models.edits import (
    WIDEST,
    activations_of,
    add_after,
    caption,
    inverse,
    lost_dropout,
    read_units,
    set_activation,
    turn_units,
)

INPUTS = 30


def layers_of(spec: Spec) -> list[tuple[int, str]]:
    return [(layer.units, layer.activation) for layer in spec.network.layers]


def change(edit: AnyEdit, epoch: int = 31) -> EditNetwork:
    return EditNetwork(epoch=epoch, step=0, edit=edit, before=make_spec().network.layers)


@given(st.integers(1, WIDEST))
def test_widths_turn_by_a_half_at_most_beyond_the_first_and_back(units: int) -> None:
    up = turn_units(units, +1)
    assert units <= up <= WIDEST
    assert up == WIDEST or (up > units and (units < 3 or up <= 1.5 * units))
    if up < WIDEST:
        assert turn_units(turn_units(up, -1), +1) == up
    assert turn_units(units, -1) < units or units == 1


def test_widths_are_those_that_people_choose() -> None:
    widths = [1]
    while widths[-1] < 256:
        widths.append(turn_units(widths[-1], +1))
    assert widths == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256]


@pytest.mark.parametrize(("text", "units"), [("24", 24), (" 1,000 ", 1000), ("100000", 100_000)])
def test_widths_that_are_typed(text: str, units: int) -> None:
    assert read_units(text) == units


@pytest.mark.parametrize("text", ["", "0", "-3", "2.5", "many", "100001", "9" * 40, "²"])
def test_what_is_no_width_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="from 1 to 100,000"):
        read_units(text)


def test_the_exit_has_the_activations_of_its_loss() -> None:
    assert "softmax" not in activations_of(make_spec(), 0)
    assert set(activations_of(make_spec(), 2)) == {"sigmoid", "identity", "relu"}


@pytest.mark.parametrize(("chosen", "place"), [(-1, 0), (0, 1), (1, 2), (2, 2)])
def test_a_layer_comes_after_the_chosen_one_but_never_after_the_exit(chosen: int, place: int) -> None:
    edit = add_after(make_spec(), chosen, keep=True)
    after = edited(make_spec(), INPUTS, edit)
    assert edit.layer == place
    assert len(after.network.layers) == 4
    assert after.network.layers[-1] == make_spec().network.layers[-1]


specs = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(HIDDEN_ACTIVATIONS)), min_size=1, max_size=4).map(
    lambda layers: make_spec(
        network__layers=[
            *({"units": units, "activation": name, "dropout": 0.1} for units, name in layers),
            {"units": 1, "activation": "sigmoid"},
        ]
    )
)


@given(st.data())
def test_undoing_an_edit_brings_the_layers_back(data: st.DataObject) -> None:
    spec = data.draw(specs)
    layer, keep = data.draw(st.integers(0, len(spec.network.layers) - 2)), data.draw(st.booleans())
    edit = data.draw(
        st.sampled_from(
            [
                add_after(spec, layer, keep=keep),
                RemoveLayer(layer=layer, keep=keep),
                SetUnits(layer=layer, units=data.draw(st.integers(1, 80)), keep=keep),
                set_activation(layer, data.draw(st.sampled_from(activations_of(spec, layer))), keep=keep),
                SetInitializer(initializer="he", keep=keep),
            ]
        )
    )
    after = edited(spec, INPUTS, edit)
    for each in inverse(spec, INPUTS, edit.model_dump()):
        assert each.keep
        after = edited(after, INPUTS, each)
    assert layers_of(after) == layers_of(spec)
    assert after.network.initializer == spec.network.initializer
    lost = dict(lost_dropout(spec, edit.model_dump()))
    assert lost == ({f"network.layers.{layer}.dropout": 0.1} if isinstance(edit, RemoveLayer) else {})


@pytest.mark.parametrize(
    ("edit", "texts"),
    [
        (SetUnits(layer=0, units=24), ("layer 1", "16", "24")),
        (AddLayer(layer=1), ("+ layer 2", "", "relu")),
        (RemoveLayer(layer=1), ("− layer 2", "", "8 relu")),
        (SetActivation(layer=1, activation="tanh"), ("layer 2", "relu", "tanh")),
        (SetInitializer(initializer="he"), ("init", "", "he")),
    ],
)
def test_edits_are_named_in_the_log(edit: AnyEdit, texts: tuple[str, str, str]) -> None:
    assert caption(change(edit)) == texts


def test_an_edit_of_a_layer_that_was_not_there_is_named_without_harm() -> None:
    before = (LayerSpec(units=1, activation="relu"),)
    strange = EditNetwork(epoch=1, step=0, edit=SetUnits(layer=9, units=3), before=before)
    assert caption(strange) == ("edit", "", "set-units")
