"""The pictures of the documentation, made from real runs: ``python docs/pictures.py`` from the project's folder.

Each one trains a preset with its own seed in a store that is thrown away, pauses it at a fixed epoch, and saves what
the screen shows.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import presets
from engine.protocol.commands import NextEpoch, Pause, Resume, Stop
from engine.store.runs import RunStore
from engine.worker.launcher import connect, launch
from tui_trainer.app import TrainerApp
from tui_trainer.cli import main as run_program
from tui_trainer.progress import Answered, LessonOpened, TaskEarned, question_key
from tui_trainer.runs.lessons import LessonBook, read_lessons
from tui_trainer.runs.service import LocalRunService
from tui_trainer.setup_app import SetupApp
from tui_trainer.ui_config import UiConfig

FOLDER = Path(__file__).parent
SIZE = (120, 40)
OPENS_EXAM = "y"
ONE_BY_ONE = 50
"""Epochs."""


@dataclass(frozen=True)
class Picture:
    """One picture: what to train, until which epoch, and which keys to press before looking."""

    name: str
    preset: str
    epoch: int
    keys: Sequence[str] = ()
    early_keys: Sequence[str] = ()
    """Pressed at a third of the way, so that their effect can be seen."""
    pace: float = 20.0
    seeds: int = 1
    size: tuple[int, int] = SIZE


def in_lab(name: str, *keys: str) -> list[str]:
    """Return the keys that lead to a lab, and those to press there."""
    return ["T", "slash", *name, "enter", "enter", *keys]


PICTURES = (
    Picture("dashboard", "breast-cancer", 30, early_keys=["right_square_bracket"]),
    Picture("boundary", "spirals-repaired", 400, keys=["5"], pace=200.0),
    Picture("neurons", "breast-cancer", 12, keys=["v", "4", "f"]),
    Picture("by-hand", "one-clerk", 0, keys=["h", *["right"] * 5, "w"]),
    Picture("by-hand-80x24", "backprop-2-2-1", 0, keys=["h", *["right"] * 6, "w"], size=(80, 24)),
    Picture("by-hand-layer", "digits", 30, keys=["h", "m", "w"]),
    Picture("by-hand-layer-80x24", "breast-cancer", 12, keys=["h", "b", *["right"] * 2], size=(80, 24)),
    Picture("exam", "breast-cancer", 50, keys=["e", "enter", "y"], seeds=20, size=(120, 36)),
    Picture("exam-cases", "breast-cancer", 50, keys=["e", "enter", "y", *["right"] * 3], seeds=20, size=(120, 36)),
    Picture("learn", "breast-cancer", 3, keys=["L"]),
    Picture("learn-80x24", "breast-cancer", 3, keys=["L"], size=(80, 24)),
    Picture("lesson", "breast-cancer", 12, keys=["L", "down", "down", "enter"]),
    Picture("lesson-80x24", "breast-cancer", 12, keys=["L", "down", "down", "enter"], size=(80, 24)),
    Picture("lab", "breast-cancer", 3, keys=in_lab("learning-rate", "2", "right")),
    Picture("lab-80x24", "breast-cancer", 3, keys=in_lab("descent", "2", "right"), size=(80, 24)),
)


def book_of_a_learner() -> LessonBook:
    """Return the courses as somebody knows them who has done the first few lessons."""
    book = LessonBook(RunStore().root)
    for place in read_lessons()[:5]:
        book.remember(LessonOpened(lesson=place.key))
        for question in place.questions:
            guess = question.right if question.answer is None else question.answer
            answer = Answered(lesson=place.key, question=question_key(question), guess=guess or 0, right=True)
            book.remember(answer)
    book.remember(TaskEarned(task="rolling-downhill/half-the-loss", run="one-clerk-1"))
    return book


async def take(picture: Picture) -> None:
    """Train, look, and save the picture."""
    spec = presets.load(picture.preset)
    first = spec.training.seed if picture.seeds == 1 else 0
    run = RunStore().create(spec, range(first, first + picture.seeds), pace=picture.pace)
    process = launch(run, attach_only=True)
    app = TrainerApp(
        lambda: connect(run, process, max_points=4096),
        None,
        title=run.name,
        refresh=None,
        read_only=False,
        lessons=book_of_a_learner(),
    )
    async with app.run_test(size=picture.size) as pilot:
        await train_to(app, picture.epoch // 3)
        await pilot.press(*picture.early_keys)
        await train_to(app, picture.epoch)
        for key in picture.keys:
            await pilot.press(key)
            await asyncio.sleep(0.3)  # what is read in a thread is to be there before the next key
            while key == OPENS_EXAM and app.model.run.exam is None:
                await asyncio.sleep(0.01)
        await asyncio.sleep(1)
        await pilot.pause()
        save(picture.name, app.export_screenshot(title=f"tui-trainer {picture.preset}"))
        await app.connection.send(Stop())
    await asyncio.to_thread(process.wait)


async def take_setup(folder: Path) -> None:
    """Save the screen before the first step on a file of houses."""
    path = folder / "houses.csv"
    path.write_text("\n".join(["id,size,rooms,built,garden,town,price", *map(_house, range(400)), ""]))
    app = SetupApp(presets.infer(path), lambda _: presets.infer(path), title=path.name, config=UiConfig())
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press(*["down"] * 6)
        await pilot.pause()
        save("setup", app.export_screenshot(title=f"tui-trainer {path.name}"))


def take_sweep() -> None:
    """Save the boundaries of a tutorial's grid of hidden neurons and learning rates."""
    over = ("--over", "network.units=[1],[2],[4],[8],[16]", "--over", "training.learning_rate=.001,.01,.1,1")
    validating = ("--set", "split.validation=.3")
    run_program(["sweep", "plants-two-layer", *validating, *over, "--output", str(FOLDER / "sweep.svg")])


def take_comparison() -> None:
    """Save two runs side by side, of eight seeds each."""
    for name, rate in (("slow", 0.001), ("fast", 0.01)):
        options = ("--epochs", "60", "--seeds", "8", "--set", f"training.learning_rate={rate}", "--name", name)
        run_program(["run", "breast-cancer", "--headless", *options])
    asyncio.run(_compare())


async def _compare() -> None:
    service = LocalRunService(RunStore())
    target = await service.open("slow")
    app = TrainerApp(target.connect, None, title="slow", refresh=None, read_only=False, runs=service)
    async with app.run_test(size=(120, 36)) as pilot:
        await reach(app, 60)
        for key in ("8", "space", "space", "c"):
            await pilot.press(key)
            await asyncio.sleep(1)  # what is read in a thread is to be there before the next key
        save("comparison", app.export_screenshot(title="tui-trainer compare slow fast"))
        await app.connection.send(Stop())


def _house(row: int) -> str:
    """Return a line of the file: sizes, rooms and years in a pattern that looks drawn."""
    size, rooms, built = 40 + row * 37 % 160, 1 + row * 7 % 6, 1900 + row * 53 % 124
    garden, town = ("yes", "no")[row * 3 % 5 > 2], ("Ely", "Ripon", "Wells")[row * 5 % 3]
    return f"{row + 1},{size},{rooms},{built if row % 40 else ''},{garden},{town},{size * 3100 + rooms * 8000}"


async def train_to(app: TrainerApp, epoch: int) -> None:
    """Train until the end of an epoch, the last ones one by one: a busy machine would show it too late."""
    await reach(app, 0)
    if epoch - app.model.run.frame.epoch > ONE_BY_ONE:
        await app.connection.send(Resume())
        await reach(app, epoch - ONE_BY_ONE)
        await app.connection.send(Pause())
    while True:
        while app.model.is_running:
            await asyncio.sleep(0.01)
        if (before := app.model.run.frame.epoch) >= epoch:
            return
        await app.connection.send(NextEpoch())
        await reach(app, before + 1)


async def reach(app: TrainerApp, epoch: int) -> None:
    """Wait for an epoch."""
    while not app.model.has_frame or app.model.run.frame.epoch < epoch:
        await asyncio.sleep(0.01)


def save(name: str, svg: str) -> None:
    """Write the picture, without the fonts that it would fetch from elsewhere."""
    local = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    (FOLDER / f"{name}.svg").write_text("\n".join(line.rstrip() for line in local.splitlines()) + "\n")


def main() -> None:
    """Take all pictures, or those that are named."""
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="tui-trainer-") as home:
        os.environ["TUI_TRAINER_HOME"] = home
        if not wanted or "setup" in wanted:
            asyncio.run(take_setup(Path(home)))
        if not wanted or "sweep" in wanted:
            take_sweep()
        if not wanted or "comparison" in wanted:
            take_comparison()
        for picture in PICTURES:
            if not wanted or picture.name in wanted:
                asyncio.run(take(picture))


if __name__ == "__main__":
    main()
