"""Every action of the table of keys: pressed where it works, it does what it is there for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.protocol.commands import Command, NextEpoch, NextStep, Pause, Resume, SetDial, SetPace, ViewCheckpoint
from engine.protocol.events import RunLeft
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec, make_welcome
from tests.tui_trainer.lessons import made_up_book
from tests.tui_trainer.verdicts import OVERFITTING, PLATEAU
from tui_trainer.bindings import KEYS, Key
from tui_trainer.view_models.runs import RunLine
from tui_trainer.widgets.boundary import BoundaryPane
from tui_trainer.widgets.table import ListPane
from tui_trainer.widgets.value_field import ValueField

ELSEWHERE = {"setup", *(owner for owner in (key.owner for key in KEYS) if owner.startswith(("lab", "sweep")))}
DASHBOARD_KEYS = tuple(key for key in KEYS if key.owner not in ELSEWHERE)
"""Those of the app of runs; those of setup, labs and sweeps are pressed in ``screens``, beside all else of them."""

pytestmark = pytest.mark.usefixtures("rendered_when_looked_at")

RATE, BATCH = "training.learning_rate", "training.batch_size"

Effect = str | Command | Callable[[Desk], Any]
"""What an action leads to: a text that was not on the screen before, a command, or something that is another then."""


def edit(kind: str, **values: Any) -> Command:
    return SetDial(path="network.edit", value={"kind": kind, "keep": True, **values})


def focused(desk: Desk) -> Any:
    return desk.app.focused.id if desk.app.focused else None


def picture(desk: Desk) -> Any:
    return desk.picture


def point(desk: Desk) -> Any:
    return desk.app.screen.query_one(BoundaryPane).choices.point


def window(desk: Desk) -> Any:
    return desk.app.model.charts.window


def cursor(desk: Desk) -> Any:
    return desk.app.model.charts.cursor


def field(desk: Desk) -> Any:
    return len(desk.app.screen.query(ValueField))


def neuron(desk: Desk) -> Any:
    return desk.client.plane.neuron


def chosen(desk: Desk) -> Any:
    return desk.app.screen.query_one(ListPane).chosen


def done(desk: Desk) -> Any:
    return list(desk.runs.done)


# What is pressed before, one key a word, and what the action leads to.
ACTIONS: dict[str, tuple[str, Effect]] = {
    "link.retry": ("refused", "▶ training"),
    "link.resume": ("died", "▶ training"),
    "run.pause": ("", Pause()),
    "run.resume": ("space", Resume()),
    "run.step": ("", NextStep()),
    "run.epoch": ("", NextEpoch()),
    "rate.down": ("", SetDial(path=RATE, value=0.0005)),
    "rate.up": ("", SetDial(path=RATE, value=0.002)),
    "pace.down": ("", SetPace(pace=10)),
    "pace.up": ("", SetPace(pace=50)),
    "screen.learn": ("", "lessons done"),
    "place.7": ("lesson", focused),
    "lesson.up": ("lesson low 7 down", picture),
    "lesson.down": ("lesson low 7", picture),
    "lesson.page.up": ("lesson low 7 pagedown", picture),
    "lesson.page.down": ("lesson low 7", picture),
    "lesson.ask": ("lesson 7", "question 1 of"),
    "lesson.close": ("lesson 7", focused),
    "learn.up": ("L down", chosen),
    "learn.down": ("L", chosen),
    "learn.take": ("L", lambda desk: type(desk.app.screen)),
    "learn.ask": ("L", "question 1 of"),
    "learn.page.down": ("low L", picture),
    "learn.page.up": ("low L pagedown", picture),
    "learn.words": ("L", picture),
    "learn.help": ("L", "all keys"),
    "learn.back": ("L", "▶ training"),
    **{f"quiz.{n}": ("quiz", "Right." if n == 3 else "Not quite.") for n in range(1, 7)},
    "quiz.type": ("quiz 1 n", field),
    "quiz.next": ("quiz 1", "question 2 of"),
    "quiz.before": ("quiz 1 n", "question 1 of"),
    "quiz.again": ("quiz 1 n enter 4 1 enter n", "question 1 of"),
    "quiz.up": ("quiz narrow 1 down", picture),
    "quiz.down": ("quiz narrow 1", picture),
    "quiz.words": ("quiz", picture),
    "quiz.help": ("quiz", "all keys"),
    "quiz.back": ("quiz", "lessons done"),
    "time.back": ("", ViewCheckpoint(epoch=20)),
    "time.forward": ("comma comma", ViewCheckpoint(epoch=20)),
    "run.branch": ("", "y branch, and stop this one"),
    "run.again": ("", "the same recipe, the same seed 42"),
    "run.reseed": ("", "the same recipe, new seed 43"),
    "run.news": ("died-before", "its worker died at epoch 30"),
    "run.undo": ("right_square_bracket", "undone: learning rate → 0.001"),
    "network.up": ("1 down", picture),
    "network.down": ("1", picture),
    "network.narrow": ("1", edit("set-units", layer=0, units=12)),
    "network.widen": ("1", edit("set-units", layer=0, units=24)),
    "network.units": ("1", field),
    "network.add": ("1", edit("add-layer", layer=1, activation="relu", units=None)),
    "network.remove": ("1", edit("remove-layer", layer=0)),
    "network.activation": ("1", "Activation of layer 1"),
    "network.init": ("1", "How new weights are drawn"),
    "network.keep": ("1", "keep ○ fresh ◉"),
    "dials.up": ("1 1", picture),
    "dials.down": ("1 1", picture),
    "dials.lower": ("1 1 down down", SetDial(path=BATCH, value=16)),
    "dials.raise": ("1 1 down down", SetDial(path=BATCH, value=64)),
    "dials.log.down": ("log 1 1", picture),
    "dials.log.up": ("log 1 1 pagedown", picture),
    "dials.edit": ("1 1", field),
    "charts.left": ("2", cursor),
    "charts.right": ("2 left left", cursor),
    "charts.clear": ("2 left", cursor),
    "charts.in": ("2", window),
    "charts.out": ("2 up", window),
    "charts.before": ("2 up", window),
    "charts.after": ("2 up less_than_sign", window),
    "charts.fit": ("2 up", window),
    "charts.smooth": ("2", "smoothed 0.6"),
    "charts.kind": ("2", "Gradient norm"),
    "heatmap.left": ("3 right", "w[1,1]"),
    "heatmap.right": ("3", "w[1,2]"),
    "heatmap.up": ("3 down", "w[1,1]"),
    "heatmap.down": ("3", "w[2,1]"),
    "heatmap.layer": ("3", "layer 2 · W 8×16"),
    "heatmap.all": ("3", "output · 1×8"),
    "heatmap.kind": ("3", "Gradients"),
    "heatmap.edit": ("3", field),
    "clerks.left": ("4", "row 32/32"),
    "clerks.right": ("4", "row  2/32"),
    "clerks.switch": ("4", SetDial(path="network.layers.0.dropout", value=0.0)),
    "clerks.up": ("4 down", picture),
    "clerks.down": ("4", picture),
    "boundary.left": ("5", point),
    "boundary.right": ("5", point),
    "boundary.up": ("5", point),
    "boundary.down": ("5", point),
    "boundary.edit": ("5", lambda desk: focused(desk) == "boundary"),
    "boundary.clear": ("5 right", point),
    "boundary.across": ("5", "Column across"),
    "boundary.upwards": ("5", "Column upwards"),
    "boundary.field": ("5", "The field of"),
    "boundary.derive": ("5", "Derived columns"),
    "boundary.before": ("5", neuron),
    "boundary.after": ("5", neuron),
    "sample.up": ("6 down", picture),
    "sample.down": ("6", picture),
    "sample.page_up": ("6 pagedown", picture),
    "sample.page_down": ("6", picture),
    "sample.left": ("6 right", picture),
    "sample.right": ("6", picture),
    "ranges.up": ("6 6 down", picture),
    "ranges.down": ("6 6", "error of perimeter"),
    "parts.up": ("notes 6 6 6 down", picture),
    "parts.down": ("notes 6 6 6", picture),
    "field.take": ("1 1 enter backspace backspace backspace backspace backspace 5", "learning rate → 5"),
    "field.leave": ("1 1 enter", field),
    "charts.log": ("", "linear axis"),
    "full": ("2", lambda desk: "Weights" in desk.text),
    "full.leave": ("2 f", "Weights"),
    "words": ("", "Clerks"),
    "place.1": ("", focused),
    "place.2": ("", focused),
    "place.3": ("", focused),
    "place.4": ("", focused),
    "place.5": ("", focused),
    "place.6": ("", focused),
    "screen.runs": ("", "4 runs"),
    "screen.presets": ("", "backprop-2-2-1"),
    "screen.exam": ("", "Sealed: 114 rows"),
    "verdict.cure": ("ill", SetDial(path="training.l2", value=0.01)),
    "screen.verdicts": ("ill", "data, model or process?"),
    "verdicts.up": ("ill V down", picture),
    "verdicts.down": ("ill V", picture),
    "verdicts.cure": ("ill V", SetDial(path="training.l2", value=0.01)),
    "verdicts.page.down": ("narrow ill V", picture),
    "verdicts.page.up": ("narrow ill V pagedown", picture),
    "verdicts.filter": ("ill V", "enter take  esc give up"),
    "verdicts.help": ("ill V", "Keys here"),
    "verdicts.back": ("ill V", "Architecture"),
    "exam.open": ("e", "Open the exam?"),
    "exam.section.next": ("e enter y", "[curves]"),
    "exam.section.back": ("e enter y right", "[scores]"),
    "exam.choice": ("e enter y right", "ROC, area 0.9980: benign"),
    "exam.up": ("narrow e down", picture),
    "exam.down": ("narrow e", picture),
    "exam.page.up": ("narrow e down", picture),
    "exam.page.down": ("narrow e", picture),
    "exam.help": ("e", "Keys here"),
    "exam.back": ("e", "Architecture"),
    "screen.labs": ("", "Rolling downhill"),
    "screen.sweeps": ("", "there are no sweeps yet"),
    "screen.by_hand": ("", "step 1 of 21"),
    "heatmap.wiggle": ("3", "measured"),
    "by_hand.back_step": ("h right", "step 1 of 21"),
    "by_hand.next_step": ("h", "step 2 of 21"),
    "by_hand.up": ("h down", picture),
    "by_hand.down": ("h up", picture),
    "by_hand.before": ("h greater_than_sign", picture),
    "by_hand.after": ("h", picture),
    "by_hand.row_before": ("h", "train row 340 of 341"),
    "by_hand.row_after": ("h", "train row 1 of 341"),
    "by_hand.guess": ("h t", field),
    "by_hand.see": ("h t", lambda desk: " = ?" in desk.text),
    "by_hand.change": ("h", "Change what?"),
    "by_hand.inputs": ("h", field),
    "by_hand.undo": ("h enter enter 9 enter", lambda desk: desk.text.count("your turn")),
    "by_hand.quiz": ("h", "what is z1["),
    "by_hand.wiggle": ("h", "measured"),
    "by_hand.wiggle_all": ("h", "of 641"),
    "by_hand.wrong": ("h", "train row 4 of 341"),
    "by_hand.unsure": ("h", "train row 8 of 341"),
    "by_hand.batch": ("h", "with the mask"),
    "by_hand.row": ("h", "row, 0 … 340:"),
    "by_hand.part": ("h", "validation row 0 of 114"),
    "by_hand.mask": ("h b", lambda desk: "with the mask" in desk.text),
    "by_hand.follow": ("h", "stands at epoch 30"),
    "by_hand.pause": ("h", Pause()),
    "by_hand.resume": ("space h", Resume()),
    "by_hand.train": ("h", NextStep()),
    "by_hand.epoch": ("h", NextEpoch()),
    "by_hand.past": ("h", ViewCheckpoint(epoch=20)),
    "by_hand.future": ("h comma comma", ViewCheckpoint(epoch=20)),
    "by_hand.page.up": ("narrow h w right right right right right right right pagedown", picture),
    "by_hand.page.down": ("narrow h w right right right right right right right", picture),
    "by_hand.words": ("h", "study pile row"),
    "by_hand.help": ("h", "Keys here"),
    "by_hand.leave": ("h", "Architecture"),
    "preset.save": ("", "Save as a preset"),
    "help": ("", "Keys everywhere"),
    "leave": ("", "training goes on without this screen"),
    "runs.up": ("8 down", picture),
    "runs.down": ("8", picture),
    "runs.page.up": ("many 8 pagedown", picture),
    "runs.page.down": ("many 8", picture),
    "runs.open": ("8 down", "wine-1 · breast-cancer-3 trains on"),
    "runs.mark": ("8 down", "wine-1 is laid over the charts"),
    "runs.compare": ("8 down", "Validation loss by epoch"),
    "compare.axis": ("8 down c", "Validation loss by step"),
    "compare.kind": ("8 down c", "Validation accuracy by epoch"),
    "compare.part": ("8 down c", "Train loss by epoch"),
    "compare.left": ("8 down c left", picture),
    "compare.right": ("8 down c left left", picture),
    "compare.clear": ("8 down c left", picture),
    "compare.in": ("8 down c", picture),
    "compare.out": ("8 down c plus", picture),
    "compare.before": ("8 down c plus", picture),
    "compare.after": ("8 down c plus less_than_sign", picture),
    "compare.fit": ("8 down c plus", picture),
    "compare.smooth": ("8 down c", "smoothed 0.6"),
    "compare.log": ("8 down c", "linear axis"),
    "compare.up": ("narrow 8 down c f down", picture),
    "compare.down": ("narrow 8 down c f", picture),
    "compare.page.up": ("narrow 8 down c f down", picture),
    "compare.page.down": ("narrow 8 down c f", picture),
    "compare.full": ("8 down c", lambda desk: "by epoch" in desk.text),
    "compare.words": ("8 down c", "error score"),
    "compare.help": ("8 down c", "Keys here"),
    "compare.back": ("8 down c", "4 runs"),
    "runs.select": ("8 down", "4 runs, 1 selected"),
    "runs.sort": ("8", "sorted by name"),
    "runs.rename": ("8 down", "Rename the run"),
    "runs.stop": ("8", "stopped and saved after epoch 30"),
    "runs.resume": ("8 down", "wine-1: training again"),
    "runs.delete": ("8 down", "Delete wine-1?"),
    "runs.filter": ("8", "enter take  esc give up"),
    "runs.presets": ("8", "backprop-2-2-1"),
    "runs.sweeps": ("8", "there are no sweeps yet"),
    "runs.help": ("8", "Every run of the store"),
    "runs.back": ("8", "Architecture"),
    "presets.up": ("9 down", picture),
    "presets.down": ("9", picture),
    "presets.begin": ("9 up", done),
    "presets.filter": ("9", "enter take  esc give up"),
    "presets.turn": ("9", picture),
    "presets.page.down": ("9", picture),
    "presets.page.up": ("9 pagedown", picture),
    "presets.runs": ("9", "4 runs"),
    "presets.help": ("9", "Keys here"),
    "presets.back": ("9", "Architecture"),
}


SIZES = {"narrow": (60, 16), "low": (120, 16)}
KEYS_FOR = {"lesson": ("L", "enter"), "quiz": ("L", "a")}


async def fill_the_log(desk: Desk) -> None:
    for _ in range(24):
        await desk.pilot.press("right_square_bracket", "left_square_bracket")
        await desk.train(1)


async def prepare(desk: Desk, steps: str) -> None:
    """Bring a dashboard to where an action works; a word that is no key prepares the run."""
    for step in steps.split():
        if step == "died":
            desk.client.die()
            await desk.settle()
        elif step == "log":
            await fill_the_log(desk)
        elif step == "ill":
            desk.client.tell(verdicts=(OVERFITTING, PLATEAU))
            await desk.settle()
        elif step == "many":
            desk.runs.lines = [RunLine(f"wine-{n}", 5.0, state="stopped", seeds=(1,)) for n in range(99)]
        elif step in SIZES:
            await desk.pilot.resize_terminal(*SIZES[step])
        elif step == "died-before":
            desk.client.welcome = make_welcome(left=RunLeft(state="died", at=0.0))
            desk.app.model.run.welcome = desk.client.welcome
        elif step not in {"notes", "refused"}:
            for key in KEYS_FOR.get(step, (step,)):
                await desk.press(key)


def test_no_action_lacks_a_test() -> None:
    assert ACTIONS.keys() == {key.id for key in DASHBOARD_KEYS}


@pytest.mark.parametrize("key", DASHBOARD_KEYS, ids=lambda key: key.id)
async def test_action(key: Key, tmp_path: Path) -> None:
    steps, effect = ACTIONS[key.id]
    notes = tuple(f"note number {n} on data that has many" for n in range(30)) if "notes" in steps else ()
    client = FakeClient(make_spec(training__epochs=200), notes=notes)
    refused = "x.csv: row 3: expected 3 cells (got 2)" if steps == "refused" else ""
    resumed = FakeClient()
    resumed.tell()
    async with dashboard(client, resumed=resumed, refused=refused, lessons=made_up_book(tmp_path)) as desk:
        await prepare(desk, steps)
        sent = len(desk.client.sent)
        before = effect(desk) if callable(effect) else None
        seen = desk.text
        await desk.press(key.keys.split(",")[0])
        await desk.settle()
        if callable(effect):
            assert effect(desk) != before
        elif isinstance(effect, str):
            assert effect not in seen
            assert effect in desk.text
        else:
            assert effect in desk.client.sent[sent:]
