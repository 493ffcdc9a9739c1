"""Verdicts on the screen: the line above the keys, the list, the charts' marks, and the key that applies a cure."""

from __future__ import annotations

import pytest

from engine.judgement.rules.cures import HIDDEN_LAYER
from engine.protocol.commands import SetDial
from engine.run.edits import SetActivation
from engine.run.verdicts import Cure, Turn, Verdict
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tests.tui_trainer.verdicts import OVERFITTING, PLATEAU, UNSCALED, WRONG_EXIT


async def tell(desk: Desk, *verdicts: Verdict, **changed: object) -> None:
    desk.client.tell(verdicts=verdicts, **changed)
    await desk.settle()


async def test_the_line_says_what_since_when_and_by_which_numbers_and_which_key_cures_it() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk, OVERFITTING, PLATEAU)
        line = desk.lines[-2]
        assert line.startswith(" ▲ overfitting since epoch 12: validation loss 0.61, 53% above its lowest")
        assert line.rstrip().endswith("! L2 → 0.01 · V all")


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_the_key_of_the_cure_stays_where_the_line_is_narrow(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await tell(desk, OVERFITTING)
        assert desk.lines[-2].startswith(" ▲ overfitting since epoch 12")
        assert desk.lines[-2].rstrip().endswith("! L2 → 0.01 · V all")


async def test_the_name_of_a_verdict_stays_where_its_cure_is_long_and_the_line_narrow() -> None:
    async with dashboard(size=(60, 16)) as desk:
        await tell(desk, OVERFITTING, UNSCALED)
        assert desk.lines[-2].startswith(" ▲ unscaled inputs")
        assert desk.lines[-2].rstrip().endswith("! new run, scaler.kind → standard")


async def test_of_several_verdicts_the_gravest_is_told_and_the_others_are_counted() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk, OVERFITTING, UNSCALED)
        assert "▲ unscaled inputs from the start" in desk.lines[-2]
        assert desk.lines[-2].rstrip().endswith("! new run, scaler.kind → standard · V 1 more")


async def test_a_verdict_that_has_passed_leaves_the_line_and_stays_in_the_list() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk, OVERFITTING)
        await tell(desk, OVERFITTING.model_copy(update={"until": 29}))
        assert "overfitting" not in desk.lines[-2]
        await desk.press("V")
        assert "overfitting since epoch 12 until epoch 29" in desk.text


async def test_a_cure_is_a_change_that_can_be_undone() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=200))) as desk:
        await tell(desk, OVERFITTING)
        await desk.press("exclamation_mark", "u")
        turns = [each for each in desk.client.sent if isinstance(each, SetDial)]
        assert turns == [SetDial(path="training.l2", value=0.01), SetDial(path="training.l2", value=0.0)]


async def test_a_cure_of_the_network_is_an_edit() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=200))) as desk:
        await tell(desk, WRONG_EXIT)
        await desk.press("exclamation_mark")
        edit = SetActivation(layer=0, activation="tanh")
        assert SetDial(path="network.edit", value=edit.model_dump()) in desk.client.sent


async def test_a_cure_of_several_changes_is_called_by_what_it_changes_and_not_by_how_weights_are_drawn() -> None:
    turns = tuple(Turn(path="network.edit", value=edit) for edit in HIDDEN_LAYER)
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk, PLATEAU.model_copy(update={"until": None, "cure": Cure(turns=turns)}))
        assert desk.lines[-2].rstrip().endswith("! + layer 1, 8 neurons and 1 more · V all")


async def test_what_nothing_can_turn_any_more_begins_a_new_run_with_it() -> None:
    async with dashboard(FakeClient(make_spec(scaler__kind="none"))) as desk:
        await tell(desk, UNSCALED)
        await desk.press("exclamation_mark")
        await desk.settle()
        [(_, _, spec, seeds, _)] = [asked for asked in desk.runs.done if asked[0] == "begin"]
        assert (spec.scaler.kind, seeds) == ("standard", (42,))


async def test_a_watcher_who_may_only_look_is_offered_no_cure() -> None:
    async with dashboard(read_only=True) as desk:
        await tell(desk, OVERFITTING)
        assert "! " not in desk.lines[-2]
        await desk.press("exclamation_mark")
        assert not desk.client.sent


async def test_the_charts_mark_where_a_verdict_begins() -> None:
    async with dashboard(size=(120, 40)) as desk:
        assert "▲" not in desk.text
        await tell(desk, OVERFITTING)
        assert "▲ overfitting" in "".join(desk.lines[:-2])


async def test_the_list_says_where_the_trouble_lies() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk, OVERFITTING, PLATEAU)
        await desk.press("V")
        assert "data, model or process? the data" in desk.text
        assert "2 verdicts" in desk.text
        await tell(desk, UNSCALED.model_copy(update={"number": 9}))
        assert "3 verdicts" in desk.text


async def test_without_a_verdict_the_list_says_so_once_and_once_one_has_passed_below_it() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await tell(desk)
        await desk.press("V")
        assert desk.text.count("nothing is wrong that a rule would see") == 1
        await tell(desk, OVERFITTING.model_copy(update={"until": 29}))
        assert "overfitting since epoch 12 until epoch 29" in desk.text
        assert desk.text.count("nothing is wrong that a rule would see") == 1


async def test_paused_the_line_says_where_and_names_the_verdict() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await desk.press("space")
        await tell(desk, OVERFITTING)
        assert "paused" in desk.lines[-2]
        assert "▲ overfitting: V" in desk.lines[-2]


async def test_the_header_says_where_the_loss_is_going() -> None:
    async with dashboard(size=(160, 40)) as desk:
        await tell(desk, convergence="flat")
        assert "loss flat" in desk.lines[0]
