"""A lab on the screen: its dials turned and typed, what comes out, and the newest setting wins."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from presets import labs
from presets.labs.contract import Curve, Lab, LabResult, Mark, Plot, Settings
from tests.patience import PATIENCE
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.squares import DIALS, SQUARES
from tests.tui_trainer.squares import compute as compute_squares
from tui_trainer.bindings import KEYS
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.help import HelpScreen
from tui_trainer.screens.lab import LabScreen
from tui_trainer.screens.labs import LabsScreen
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.widgets.value_field import ValueField

SIZES = [(120, 40), (80, 24), (60, 16)]
TINY = [(60, 16), (12, 4)]


class Slow:
    """Computes when it is let, and remembers with what."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.begun = threading.Event()
        self.let = threading.Event()

    def __call__(self, settings: Settings) -> LabResult:
        self.asked.append(settings.integer("n"))
        self.begun.set()
        assert self.let.wait(PATIENCE)
        return compute_squares(settings)


@pytest.fixture
def squares(monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab of squares in place of all others but one."""
    monkeypatch.setattr(labs, "LABS", {"squares": SQUARES, "descent": labs.LABS["descent"]})
    return SQUARES


async def opened(desk: Desk, name: str = "squares") -> LabScreen:
    screen = LabScreen(desk.app.model, name)
    await desk.app.push_screen(screen)
    while screen.lab.is_stale:
        await desk.settle()
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_a_turn_is_seen_in_plot_table_and_words(size: tuple[int, int], squares: Lab) -> None:
    async with dashboard(size=size) as desk:
        await opened(desk)
        assert "how many" in desk.text
        assert "the last one is 16" in desk.text
        await desk.press("right")
        assert "the last one is 25" in desk.text
        await desk.press("3")
        assert "25" in desk.text
        await desk.press("1", "backspace")
        assert "the last one is 16" in desk.text or "16" in desk.text


async def test_a_value_is_typed_and_what_is_none_is_refused_in_words(squares: Lab) -> None:
    async with dashboard() as desk:
        screen = await opened(desk)
        await desk.press("enter", "backspace", "7", "enter")
        assert screen.lab.settings["n"] == 7
        await desk.press("enter", "backspace", "x", "enter")
        assert "n: expected a whole number from 1 to 9" in desk.lines[-2]
        await desk.press("escape")
        assert screen.lab.settings["n"] == 7
        await desk.press("down", "down", "down", "enter", "end", "comma", "5", "enter")
        assert screen.lab.settings["list"] == (1.0, 2.0, 5.0)


async def test_a_choice_is_picked_and_a_switch_switched(squares: Lab) -> None:
    async with dashboard() as desk:
        screen = await opened(desk)
        await desk.press("down", "enter")
        assert isinstance(desk.app.screen, PickerScreen)
        await desk.press("down", "enter")
        assert screen.lab.settings["who"] == "two"
        await desk.press("down", "enter")
        assert screen.lab.settings["on"] is True
        await desk.press("r")
        assert screen.lab.is_at_first


async def test_of_many_turns_while_it_computes_the_newest_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    lab = Lab(name="slow", title="Slow", dials=DIALS, compute=slow)
    monkeypatch.setattr(labs, "LABS", {"slow": lab})
    async with dashboard() as desk:
        screen = LabScreen(desk.app.model, "slow")
        await desk.app.push_screen(screen)
        await desk.pilot.pause(0)
        while not slow.begun.is_set():
            await desk.pilot.pause(0)
        for _ in range(3):
            screen.query_one("#dials").action_turn(1)  # type: ignore[attr-defined]
        await desk.pilot.pause(0)
        assert "computing" in desk.text
        assert screen.lab.settings["n"] == 7
        slow.let.set()
        await desk.settle()
        assert slow.asked == [4, 7]
        assert "the last one is 49" in desk.text


async def test_a_lab_that_cannot_compute_says_why_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def compute(settings: Settings) -> LabResult:
        if settings.integer("n") == 5:
            raise ValueError("five is \x1b[31mnot a number")
        return compute_squares(settings)

    lab = Lab(name="odd", title="Odd", dials=DIALS, compute=compute)
    monkeypatch.setattr(labs, "LABS", {"odd": lab})
    async with dashboard() as desk:
        await opened(desk, "odd")
        await desk.press("right")
        assert "nothing comes out of these values: five is" in desk.lines[-2]
        assert "\x1b" not in desk.text
        await desk.press("right")
        assert "the last one is 36" in desk.text


@pytest.mark.parametrize("size", SIZES)
async def test_the_crosshair_tells_the_numbers_under_it(size: tuple[int, int], squares: Lab) -> None:
    async with dashboard(size=size) as desk:
        await opened(desk)
        await desk.press("2", "right")
        assert "step 2" in desk.text
        assert any("n²" in line and " 4" in line for line in desk.lines)
        await desk.press("right")
        assert "step 3" in desk.text
        assert any("n²" in line and " 9" in line for line in desk.lines)
        await desk.press("backspace")
        assert "step 3" not in desk.text


async def test_a_click_puts_the_crosshair_where_it_is(squares: Lab) -> None:
    async with dashboard() as desk:
        screen = await opened(desk)
        plots = screen.query_one("#plots")
        await desk.pilot.click("#plots", offset=(10, 8))
        await desk.settle()
        assert "step 0" in desk.text
        await desk.pilot.click("#plots", offset=(plots.size.width - 2, 8))
        await desk.settle()
        assert "step 4" in desk.text


async def test_a_plot_alone_has_the_pane_and_all_come_back(squares: Lab) -> None:
    async with dashboard() as desk:
        await opened(desk)
        assert "Growth" in desk.text
        assert "Roots" in desk.text
        await desk.press("2", "down", "enter")
        assert "Growth" not in desk.text
        assert "Roots" in desk.text
        await desk.press("enter")
        assert "Growth" in desk.text


async def test_the_pane_with_the_focus_takes_the_screen_and_escape_gives_it_back_before_it_leaves(squares: Lab) -> None:
    async with dashboard() as desk:
        screen = await opened(desk)
        await desk.press("3", "f")
        assert "how many" not in desk.text
        await desk.press("escape")
        assert "how many" in desk.text
        assert desk.app.screen is screen
        await desk.press("escape")
        assert isinstance(desk.app.screen, DashboardScreen)


async def test_labs_follow_one_another_with_their_dials_as_they_stand_at_first(squares: Lab) -> None:
    async with dashboard() as desk:
        screen = await opened(desk)
        await desk.press("right", "greater_than_sign")
        assert "Rolling downhill" in desk.lines[0]
        assert not screen.check_action("next_lab", (1,))
        await desk.press("less_than_sign")
        assert screen.lab.settings["n"] == 4
        assert "the last one is 16" in desk.text


@pytest.mark.parametrize("name", labs.names())
async def test_every_lab_stands_on_every_screen_whichever_pane_has_the_focus(name: str) -> None:
    async with dashboard(size=(120, 40)) as desk:
        screen = await opened(desk, name)
        for size in TINY:
            await desk.pilot.resize_terminal(*size)
            await desk.press("2", "right")
            assert all(len(line) <= size[0] for line in desk.lines)
        await desk.pilot.resize_terminal(3, 2)
        await desk.press("3", "4", "1", "f", "f")
        assert screen.lab.result is not None
        assert not screen.lab.problem


async def test_help_explains_the_pane_that_has_the_focus(squares: Lab) -> None:
    async with dashboard() as desk:
        await opened(desk)
        for key, text in (
            ("1", "What can be turned"),
            ("2", "crosshair from point to point"),
            ("3", "The tables of"),
        ):
            await desk.press(key, "question_mark")
            assert isinstance(desk.app.screen, HelpScreen)
            assert " ".join(text.split()[:3]) in " ".join(desk.text.split())
            await desk.press("escape")


async def test_the_list_leads_into_a_lab_and_back(squares: Lab) -> None:
    async with dashboard() as desk:
        await desk.press("T")
        assert isinstance(desk.app.screen, LabsScreen)
        assert "2 labs" in desk.lines[0]
        assert "How many squares" in desk.text
        await desk.press("slash", *"downhill", "enter", "enter")
        assert "Rolling downhill" in desk.lines[0]
        await desk.press("escape")
        assert isinstance(desk.app.screen, LabsScreen)
        await desk.press("escape", "escape")
        assert isinstance(desk.app.screen, DashboardScreen)


async def test_the_run_trains_on_behind_a_lab(squares: Lab) -> None:
    async with dashboard() as desk:
        await opened(desk)
        await desk.train(5)
        assert "the last one is 16" in desk.text
        await desk.press("escape")
        assert "epoch 35 / 50" in desk.lines[0]


async def test_a_mark_and_a_name_from_outside_are_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = Curve("\x1b[31mred [bold]", (0, 1), (0, 1))
    plot = Plot(title="[red]\x1b]0;x\x07", x_label="\x1b", y_label="y", curves=(curve,), marks=(Mark(0, 0, "\x1b[2J"),))
    lab = Lab(name="x", title="x", dials=(), compute=lambda _: LabResult(values={}, plots=(plot,)))
    monkeypatch.setattr(labs, "LABS", {"x": lab})
    async with dashboard() as desk:
        await opened(desk, "x")
        assert "red [bold]" in desk.text
        assert "nothing to turn here" in desk.text
        assert all(line.isprintable() for line in desk.lines)


def picture(desk: Desk) -> object:
    return desk.picture


def focused(desk: Desk) -> object:
    return desk.app.focused and desk.app.focused.id


def settings(desk: Desk) -> object:
    assert isinstance(desk.app.screen, LabScreen)
    return dict(desk.app.screen.lab.settings)


def fields(desk: Desk) -> object:
    return len(desk.app.screen.query(ValueField))


def words(desk: Desk) -> object:
    return desk.app.model.vocabulary


def screen_shown(desk: Desk) -> object:
    return type(desk.app.screen)


# What is pressed before, one key a word, and what is another then.
EFFECTS: dict[str, tuple[str, Callable[[Desk], object]]] = {
    "lab.dials.up": ("down", picture),
    "lab.dials.down": ("", picture),
    "lab.dials.lower": ("", settings),
    "lab.dials.raise": ("", settings),
    "lab.dials.edit": ("", fields),
    "lab.dials.default": ("right", settings),
    "lab.plots.left": ("2", picture),
    "lab.plots.right": ("2", picture),
    "lab.plots.up": ("2 down", picture),
    "lab.plots.down": ("2", picture),
    "lab.plots.alone": ("2", picture),
    "lab.plots.clear": ("2 right", picture),
    "lab.tables.up": ("3 down", picture),
    "lab.tables.down": ("3", picture),
    "lab.tables.left": ("3 right", picture),
    "lab.tables.right": ("3", picture),
    "lab.tables.page.up": ("3 pagedown", picture),
    "lab.tables.page.down": ("3", picture),
    "lab.text.up": ("4 down", picture),
    "lab.text.down": ("4", picture),
    "lab.text.page.up": ("4 pagedown", picture),
    "lab.text.page.down": ("4", picture),
    "lab.pane.1": ("2", focused),
    "lab.pane.2": ("", focused),
    "lab.pane.3": ("", focused),
    "lab.pane.4": ("", focused),
    "lab.full": ("", picture),
    "lab.full.leave": ("f", picture),
    "lab.reset": ("right", settings),
    "lab.before": ("greater_than_sign", picture),
    "lab.after": ("", picture),
    "lab.words": ("", words),
    "lab.help": ("", screen_shown),
    "lab.back": ("", screen_shown),
    "labs.up": ("down", picture),
    "labs.down": ("", picture),
    "labs.open": ("", screen_shown),
    "labs.filter": ("", picture),
    "labs.page.down": ("", picture),
    "labs.page.up": ("pagedown", picture),
    "labs.help": ("", screen_shown),
    "labs.back": ("", screen_shown),
}
OWN_KEYS = {key.id: key for key in KEYS if key.owner.startswith("lab")}


def test_no_key_of_the_labs_lacks_a_test() -> None:
    assert EFFECTS.keys() == OWN_KEYS.keys()


@pytest.mark.parametrize("owner", ["lab", "lab_dials", "lab_plots", "lab_tables", "lab_text", "labs"])
async def test_every_key_is_in_the_footer_and_does_something(owner: str) -> None:
    async with dashboard(size=(80, 24) if owner == "lab_plots" else (40, 16)) as desk:
        for key in [key for key in OWN_KEYS.values() if key.owner == owner]:
            keys, effect = EFFECTS[key.id]
            while not isinstance(desk.app.screen, DashboardScreen):
                desk.app.pop_screen()
                await desk.settle()
            if owner == "labs":
                await desk.press("T")
            else:
                await opened(desk, "descent")
            await desk.press(*keys.split())
            screen = desk.app.screen
            assert isinstance(screen, LabScreen | LabsScreen)
            assert key in [each for each, _ in screen.keys_now()], key.id
            before = effect(desk)
            await desk.press(key.keys.split(",")[0])
            assert effect(desk) != before, key.id
