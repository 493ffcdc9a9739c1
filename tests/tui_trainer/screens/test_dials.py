from __future__ import annotations

import gc
from weakref import ref

from engine.protocol.commands import MoreEpochs, SetDial
from tests.tui_trainer.driving import dashboard, line_with
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.widgets.value_field import ValueField

LEARNING_RATE = "training.learning_rate"


async def test_brackets_turn_the_learning_rate_and_mark_the_charts() -> None:
    async with dashboard() as desk:
        await desk.press("right_square_bracket")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.002)]
        assert "0.002" in line_with(desk, "learning rate ")
        assert "lr 0.001→0.002" in desk.text
        assert "┊" in desk.text
        await desk.press("left_square_bracket", "left_square_bracket")
        assert desk.sent(SetDial)[-1] == SetDial(path=LEARNING_RATE, value=0.0005)


async def test_quick_presses_go_on_from_what_was_asked_for() -> None:
    async with dashboard() as desk:
        await desk.pilot.press(*["right_square_bracket"] * 3)
        await desk.settle()
        assert [command.value for command in desk.sent(SetDial)] == [0.002, 0.005, 0.01]  # type: ignore[attr-defined]


async def test_a_dial_of_names_pressed_quickly_goes_as_far_as_pressed_slowly() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "down", "right")
        await desk.press("right")
        slowly = desk.sent(SetDial)
    async with dashboard() as desk:
        await desk.press("1", "1", "down")
        await desk.press_at_once("right", "right")
        assert desk.sent(SetDial) == slowly
        assert len({command.value for command in slowly}) == 2  # type: ignore[attr-defined]


async def test_arrows_choose_and_turn_dials() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "down", "right")
        assert desk.sent(SetDial) == [SetDial(path="training.optimizer", value="adamw")]
        await desk.press("up", "left")
        assert desk.sent(SetDial)[-1] == SetDial(path=LEARNING_RATE, value=0.0005)


async def test_a_value_is_typed_and_entered() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter", ".", "0", "3", "enter")
        assert desk.sent(SetDial) == [SetDial(path=LEARNING_RATE, value=0.03)]
        assert not desk.app.screen.query(ValueField)
        assert desk.app.focused is not None
        assert desk.app.focused.id == "dials"


async def test_printable_keys_type_in_a_field_and_escape_leaves_it() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter", "end", "space", "q", "n")
        assert desk.app.screen.query_one(ValueField).value == "0.001 qn"
        assert desk.client.sent == []
        await desk.press("escape")
        assert not desk.app.screen.query(ValueField)
        assert desk.client.sent == []


async def test_a_value_the_dial_does_not_take_is_refused_at_the_field() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter", "-", "1", "enter")
        assert "expected a number above 0" in desk.lines[-2]
        assert desk.app.screen.query(ValueField)
        assert desk.client.sent == []


async def test_fields_that_were_left_do_not_stay_in_memory() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1")
        fields = []
        for _ in range(20):
            await desk.press("enter")
            assert isinstance(desk.app.focused, ValueField)
            fields.append(ref(desk.app.focused))
            await desk.press("escape")
        gc.collect()
        assert sum(field() is not None for field in fields) < 10  # Textual knows the latest layouts


async def test_leaving_the_field_by_tab_closes_it() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "enter", "tab")
        assert not desk.app.screen.query(ValueField)


async def test_raising_the_epochs_takes_a_finished_run_on() -> None:
    async with dashboard(epochs=50) as desk:
        assert "✓ finished" in desk.lines[0]
        assert "all epochs done, after 50 of 50 epochs · raise epochs in the dials to go on" in desk.lines[-2]
        await desk.press("1", "1", "up", "up", "enter", "8", "0", "enter")
        assert desk.sent(MoreEpochs) == [MoreEpochs(epochs=80)]
        assert "epoch 50 / 80" in desk.lines[0]
        assert "▶ training" in desk.lines[0]


async def test_a_change_that_waits_says_from_when_on() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "down", "down", "right")
        assert "32 → 64" in line_with(desk, "batch size")
        assert "from epoch 31" in line_with(desk, "batch 32 → 64")
        await desk.train(1)
        assert "from epoch" not in desk.text
        assert "64" in line_with(desk, "batch size")


async def test_a_refused_change_is_said_and_the_old_value_stands() -> None:
    async with dashboard() as desk:
        desk.client.refusal = "training.learning_rate: not while the seal is broken"
        await desk.press("right_square_bracket")
        assert "not while the seal is broken" in desk.lines[-2]
        assert "0.001" in line_with(desk, "learning rate ")


async def test_a_dial_is_chosen_by_a_click_and_opened_by_another() -> None:
    async with dashboard() as desk:
        await desk.pilot.click("#dials", offset=(3, 3))
        await desk.settle()
        assert not desk.app.screen.query(ValueField)
        await desk.pilot.click("#dials", offset=(3, 3))
        await desk.settle()
        assert desk.app.screen.query_one(ValueField).value == "32"


async def test_dials_on_the_whole_screen_have_their_log_beside_them() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "f", "right")
        line = line_with(desk, "learning rate")
        assert "lr 0.001 → 0.002" in line
        await desk.pilot.click("#dials", offset=(line.index("+") - 1, 1))
        await desk.settle()
        assert [command.value for command in desk.sent(SetDial)] == [0.002, 0.005]  # type: ignore[attr-defined]


async def test_where_not_all_dials_have_room_it_says_which_are_shown() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("1", "1")
        assert "of 16" not in line_with(desk, "Dials"), "all are shown"
        for _ in range(3):
            await desk.press("]", "[")
        assert "1–13 of 16 ↑↓" in line_with(desk, "Dials")
        await desk.press("up")
        assert "4–16 of 16 ↑↓" in line_with(desk, "Dials")
    async with dashboard(size=(120, 40)) as desk:
        assert "of 16" not in line_with(desk, "Dials")


async def test_a_dial_of_names_is_chosen_from_a_list_and_set_once() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "down", "enter")
        assert "rmsprop" in desk.text
        await desk.press(*"mom", "enter")
        assert desk.sent(SetDial) == [SetDial(path="training.optimizer", value="momentum")]
        await desk.press("enter", "enter")
        assert len(desk.sent(SetDial)) == 1


async def test_nothing_of_the_old_value_stands_beside_the_field() -> None:
    async with dashboard(FakeClient(make_spec(training__learning_rate=0.000123456))) as desk:
        await desk.press("1", "1", "enter", "5")
        row = next(line for line in desk.lines if line.startswith(" learning rate"))
        assert row[:29].split() == ["learning", "rate", "5"]
