"""The screens of sweeps, on a store of their own; who would work on a sweep is only noted."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import presets
from engine.sweep.runner import Runner
from engine.sweep.store import Sweep, SweepStore
from tests.engine.sweep.small import small_sweep
from tests.patience import PATIENCE
from tests.tui_trainer.driving import Desk, dashboard, line_with
from tests.tui_trainer.made_up_sweep import made_up_snapshot
from tui_trainer.runs import sweeps as service
from tui_trainer.runs.sweeps import SweepService
from tui_trainer.screens.sweep import SweepScreen
from tui_trainer.screens.sweeps import SweepsScreen, suggestion
from tui_trainer.view_models.sweeps import Asked, SweepLine, SweepSnapshot, parse_asked, sparkline

Launched = list[tuple[str, Any]]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Launched:
    """Note which sweeps a process was started for, and start none."""
    names: Launched = []
    monkeypatch.setattr(service, "launch", lambda sweep, **options: names.append((sweep.name, options)))
    return names


def done(name: str = "small", **options: Any) -> Sweep:
    """Return a sweep of two trials that has been worked on."""
    sweep = small_sweep("training.learning_rate=.1,.01", name=name, **options)
    with sweep.lock():
        Runner(sweep, None).run()
    return sweep


@asynccontextmanager
async def sweeps(size: tuple[int, int] = (120, 40), *, read_only: bool = False) -> AsyncIterator[Desk]:
    """Open the list of sweeps."""
    async with dashboard(size=size, read_only=read_only) as desk:
        await desk.press("W")
        await until(desk, lambda: "sweep" in desk.text)
        yield desk


async def until(desk: Desk, holds: Callable[[], bool]) -> None:
    """Wait until something holds, which takes a thread or two."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, desk.text
        await desk.settle()


async def test_sweeps_are_listed_with_what_came_of_them(launched: Launched) -> None:
    done()
    small_sweep(name="waiting")
    (SweepStore().open("waiting").path / "sweep.json").write_text("{}")
    async with sweeps() as desk:
        await until(desk, lambda: "2 sweeps" in desk.text)
        line = line_with(desk, "finished")
        assert "small" in line
        assert "2/2" in line
        assert "damaged" in line_with(desk, "waiting")
        await desk.press("down")
        await until(desk, lambda: "best by validation loss" in desk.text)


async def test_a_new_one_is_of_the_recipe_of_the_run_and_is_checked_before_it_is_made(launched: Launched) -> None:
    async with sweeps() as desk:
        assert "there are no sweeps yet; n begins one" in desk.text
        await desk.press("n")
        assert "Sweep of breast-cancer" in desk.text
        await desk.press(*["backspace"] * 80, *"training.l2=0..1", "enter")
        assert "a range is drawn from" in desk.text
        await desk.press(*" trials=3 seeds=2", "enter")
        await until(desk, lambda: "begun" in desk.text)
        assert launched == [("breast-cancer-sweep-1", {})]
        description = SweepStore().open("breast-cancer-sweep-1").description()
        assert len(description.trials()) == 3
        assert len(description.seeds) == 2


async def test_one_that_was_stopped_is_resumed_as_it_was_worked_on_and_deleted(launched: Launched) -> None:
    sweep = done()
    sweep.trials.open_writer()
    sweep.trials.record_state(state="stopped", jobs=3)
    sweep.trials.close()
    async with sweeps() as desk:
        await until(desk, lambda: "stopped" in desk.text)
        await desk.press("r")
        await until(desk, lambda: "goes on" in desk.text)
        assert launched == [("small", {"jobs": 3, "dask": None})]
        await desk.press("d")
        assert "There is no way back." in desk.text
        await desk.press("y")
        await until(desk, lambda: not SweepStore().has("small"))


async def test_a_sweep_gets_another_name_and_stays_chosen(launched: Launched) -> None:
    done()
    small_sweep(name="other")
    async with sweeps() as desk:
        await until(desk, lambda: "2 sweeps" in desk.text)
        screen = desk.app.screen
        assert isinstance(screen, SweepsScreen)
        screen.listing.choose("small")
        await desk.press("m")
        assert "Rename the sweep" in desk.text
        await desk.press(*["backspace"] * 9, *"other", "enter")
        assert "there is a sweep of this name already" in desk.text
        await desk.press(*["backspace"] * 9, *"rates", "enter")
        await until(desk, lambda: "small: renamed rates" in desk.text)
        assert screen.listing.chosen == "rates"
        assert len(SweepStore().open("rates").trials.ended()[0]) == 2


async def test_sweeps_stand_below_the_runs_and_enter_shows_one(launched: Launched) -> None:
    done()
    async with dashboard() as desk:
        desk.runs.sweeps = await SweepService().list_sweeps()
        await desk.press("8")
        await until(desk, lambda: "and 1 sweep" in desk.text)
        assert "2/2 trials" in line_with(desk, "sweep, finished")
        await desk.press("slash", *"sweep", "enter")
        await desk.press("d", "n", "s", "space")  # nothing that is of runs alone
        assert SweepStore().has("small")
        await desk.press("enter")
        await until(desk, lambda: isinstance(desk.app.screen, SweepScreen))
        await desk.press("escape")
        assert "1 sweep" in desk.text


async def test_one_at_work_is_stopped_and_its_trials_too_one_by_one(launched: Launched) -> None:
    sweep = small_sweep("training.learning_rate=.1,.01")
    async with sweeps() as desk:
        with sweep.lock():
            sweep.trials.open_writer()
            sweep.trials.record_state(state="running", running=(1,), jobs=2)
            await until(desk, lambda: "running" in desk.text)
            await desk.press("enter")
            await until(desk, lambda: isinstance(desk.app.screen, SweepScreen) and "running, 2 at once" in desk.text)
            await desk.press("x")
            await until(desk, lambda: sweep.requests.stopped_trials() == {1})
            await desk.press("s")
            await until(desk, sweep.requests.is_stopped)
            sweep.trials.record_state(state="stopped", running=())
            sweep.trials.close()
        await until(desk, lambda: "stopped" in desk.lines[0])


async def test_a_trial_becomes_a_run_with_its_recipe_and_seeds(launched: Launched) -> None:
    done()
    async with sweeps() as desk:
        await until(desk, lambda: "finished" in desk.text)
        await desk.press("enter")
        await until(desk, lambda: isinstance(desk.app.screen, SweepScreen))
        best = desk.app.screen.listing.chosen  # type: ignore[attr-defined]
        await desk.press("enter")
        await until(desk, lambda: any(deed[0] == "begin" for deed in desk.runs.done))
        _, _, spec, seeds, _ = next(deed for deed in desk.runs.done if deed[0] == "begin")
        trials = SweepStore().open("small").description().trials()
        assert spec.training.learning_rate == trials[int(best) - 1]["training.learning_rate"]
        assert seeds == (1, 2)


async def test_more_trials_are_asked_for_and_a_trial_is_saved_as_a_preset(launched: Launched) -> None:
    sweep = done()
    async with sweeps() as desk:
        await until(desk, lambda: "finished" in desk.text)
        await desk.press("enter")
        await until(desk, lambda: isinstance(desk.app.screen, SweepScreen))
        await desk.press("n", *".1", "enter")
        assert "has these trials" in desk.text
        await desk.press(*",.5", "enter")
        await until(desk, lambda: bool(launched))
        assert [plan and plan.trials()[-1] for _, plan in sweep.requests.plans()] == [{"training.learning_rate": 0.5}]
        await desk.press("S", "enter")
        await until(desk, lambda: "my-iris" in presets.names())


async def test_who_only_looks_changes_nothing(launched: Launched) -> None:
    done()
    async with sweeps(read_only=True) as desk:
        await until(desk, lambda: "finished" in desk.text)
        await desk.press("n", "d", "r", "s")
        assert isinstance(desk.app.screen, SweepsScreen)
        await desk.press("enter")
        await until(desk, lambda: isinstance(desk.app.screen, SweepScreen))
        await desk.press("n", "x", "s", "enter")
        assert isinstance(desk.app.screen, SweepScreen)
        assert not launched


class StillService(SweepService):
    """Shows one moment of one sweep."""

    def __init__(self, still: SweepSnapshot) -> None:
        super().__init__()
        self._still = still

    async def list_sweeps(self) -> list[SweepLine]:
        return []

    async def snapshot(self, name: str, before: SweepSnapshot | None = None) -> SweepSnapshot:
        return self._still


async def show(desk: Desk, still: SweepSnapshot) -> None:
    await desk.app.push_screen(SweepScreen(StillService(still), desk.app.model, still))
    await desk.settle()


async def test_the_order_the_filter_and_the_pictures_alone() -> None:
    async with dashboard() as desk:
        await show(desk, made_up_snapshot())
        first = [line.split()[1] for line in desk.lines[3:6]]
        assert first == ["3", "2", "2"]  # after a star, the trial; else its units
        await desk.press("o")
        assert [line.split()[0] for line in desk.lines[3:6]] == ["1", "2", "★"]
        await desk.press("f")
        assert "of its seeds" not in desk.text
        assert "learning_rate →" in desk.text
        await desk.press("f", "slash", *"running", "enter")
        assert "1 filtered by running" in desk.text
        await desk.press("question_mark")
        assert "Each line is a trial" in desk.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16), (40, 8), (12, 4)])
@pytest.mark.parametrize("with_fields", [True, False])
async def test_it_fits_any_size(size: tuple[int, int], with_fields: bool) -> None:
    async with dashboard(size=size) as desk:
        await show(desk, made_up_snapshot("stopped", with_fields=with_fields))
        await desk.press("down", "pagedown", "f", "f", "up")
        assert isinstance(desk.app.screen, SweepScreen)


def test_what_is_typed_for_a_sweep() -> None:
    text = "training.learning_rate=.1, .2 network.units=[4], [16, 8] trials=20 seeds=3"
    axes = ("training.learning_rate=.1, .2", "network.units=[4], [16, 8]")
    assert parse_asked(text) == Asked(axes, trials=20, seeds=3)
    with pytest.raises(ValueError, match="trials: expected a whole number"):
        parse_asked("trials=x")
    assert parse_asked(suggestion(presets.load("iris"))).axes == ("training.learning_rate=0.001,0.01,0.1",)


def test_a_curve_in_little_room() -> None:
    assert sparkline((100.0, 10.0, 1.0), 9) == "█▄▁" or sparkline((100.0, 10.0, 1.0), 9) == "█▅▁"
    assert sparkline((1.0, None, 0.0, -1.0), 9)[1] == " "
    assert sparkline((None,), 9) == ""
    assert len(sparkline(tuple(map(float, range(1, 100))), 30)) <= 31
