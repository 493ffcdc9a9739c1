"""``tui-trainer run``, which is also ``tui-trainer`` with a preset, a file, or nothing at all."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.allocator import gc_frozen_imports
from engine.errors import InputError, sanitize
from tui_trainer.cli import dashboard, headless_run, parameters, recipe_options, suggestions, terminal
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.spec import Spec
    from engine.spec.finding import DataFinding
    from engine.store.runs import Run, RunStore
    from tui_trainer.cli.opening import Opening


@click.command()
@click.argument("preset", default="breast-cancer", metavar="[PRESET|FILE|DATA]", shell_complete=suggestions.recipes)
@click.option("--headless", is_flag=True, help="Train without a screen, as where stdout is no terminal.")
@click.option("--detach", is_flag=True, help="Start the training, print the run's name, and leave.")
@json_option
@click.option(
    "--name", metavar="NAME", help="The run's name, else the preset's, or that of your own file, and a number."
)
@recipe_options.set_option("Replace a value; repeatable.")
@recipe_options.seed_option("Seed of parameters, shuffling and dropout.")
@recipe_options.seeds_option("Train N networks side by side, with seeds from --seed on.")
@recipe_options.epochs_option
@click.option(
    "--pace",
    type=parameters.pace,
    metavar="max|N",
    help="Epochs a second. Default: max headless; on the screen a twentieth of all, 1 to 20.",
)
@click.option("--data", type=click.Path(), metavar="PATH", help="A file or a folder to take the data from.")
@click.option("--target", "targets", multiple=True, metavar="NAME", help="Of DATA, the column to predict; repeatable.")
@click.option("--save", type=click.Path(), metavar="FILE.toml", help="Keep the recipe, with what was set, as a preset.")
@click.option("--exam", is_flag=True, help="Open the exam at the end.")
@click.option(
    "--refresh",
    type=parameters.hertz,
    metavar="N",
    help="Redraw the screen at most N times a second.",
)
def run(  # noqa: PLR0913 - the flags of the contract
    preset: str,
    *,
    headless: bool,
    detach: bool,
    as_json: bool,
    name: str | None,
    settings: tuple[tuple[str, Any], ...],
    seed: int | None,
    seeds: int | None,
    epochs: int | None,
    pace: float | None,
    data: str | None,
    targets: tuple[str, ...],
    save: str | None,
    exam: bool,
    refresh: float | None,
) -> int:
    """Train a network: on the screen, or headless.

    PRESET is a name that `tui-trainer presets` lists, FILE the path of one of your own. DATA is a file or a folder of
    pictures (./folder), from which a recipe follows. Headless are --json, --exam, --detach, and what has no terminal.
    """
    if detach and exam:
        raise click.UsageError("--exam opens the exam at the end, which --detach does not wait for")
    changes = recipe_options.replaced(settings, epochs)
    request = RunRequest(preset, changes, data, targets, save, name=name, seed=seed, seeds=seeds, pace=pace)
    if detach:
        store, begun = request.create(headless=True)
        return _launch(store, begun, partial(headless_run.detach, begun, as_json=as_json))
    if headless or as_json or exam or not terminal.has_screen():
        store, begun = request.create(headless=True)
        return _launch(store, begun, partial(headless_run.follow, begun, as_json=as_json, exam=exam))
    from tui_trainer.cli.opening import opened

    with opened(sanitize(preset, 60), is_sure=request.is_surely_right) as opening:
        opening.say("reading the recipe…")
        if (settled := _set_up(request, opening)) is None:
            click.echo("nothing was begun", err=True)
            return 0
        return begin_on_screen(settled, opening, refresh=refresh)


def begin_on_screen(request: RunRequest, opening: Opening, *, refresh: float | None, lesson: str | None = None) -> int:
    """Begin a run, and show it until its watcher leaves; return the exit status.

    Args:
        request: The run.
        opening: Has the terminal until the dashboard takes it.
        refresh: Redraws a second at most.
        lesson: The lesson whose run it is, if it is one's.
    """
    ui_config = dashboard.load_ui_config()
    store, begun = request.create(headless=False)
    show = partial(dashboard.show, begun, opening=opening, ui_config=ui_config, refresh=refresh, lesson=lesson)
    return _launch(store, begun, show, attach_only=request.pace is None and _opens_paused(begun))


@dataclass(frozen=True)
class RunRequest:
    """A run as it was asked for.

    Attributes:
        preset: The name or the path of a recipe.
        changes: Values to replace, by their paths.
        data: A file or a folder to take the data from.
        targets: The columns to predict, where the preset is data.
        save: The file to keep the recipe in.
        name: The run's name; None for that of the preset, or of one's own file, and a number.
        seed: The first seed; None for the recipe's.
        seeds: How many networks; None for one.
        pace: Epochs a second, infinity for full speed; None for what suits the screen, or its absence.
        spec: The recipe, where it has been set up already.
    """

    preset: str
    changes: Mapping[str, Any]
    data: str | None
    targets: tuple[str, ...]
    save: str | None
    name: str | None
    seed: int | None
    seeds: int | None
    pace: float | None
    spec: Spec | None = None

    @property
    def is_surely_right(self) -> bool:
        """Whether this is a preset of the library, with nothing of the user's that may be refused."""
        epochs = self.changes.get("training.epochs", 0)
        is_plain = isinstance(epochs, int) and epochs >= 0 and len(self.changes) <= ("training.epochs" in self.changes)
        own = (self.data, self.targets, self.save, self.name)
        return is_plain and not any(own) and _is_of_library(self.preset)

    def create(self, *, headless: bool) -> tuple[RunStore, Run]:
        """Make the run in the store; it is not started.

        Raises:
            InputError: The recipe does not hold what it should.
        """
        with gc_frozen_imports():
            from engine.store.runs import RunStore
            from presets.writer import save_as

        spec = self.recipe()
        if self.save is not None:
            save_as(spec, Path(self.save))
        store = RunStore()
        seeds, pace = self.band(spec), _pace(spec, self.pace, headless=headless)
        return store, store.create(spec, seeds, name=self.name, stem=self.stem(spec), pace=pace)

    def recipe(self) -> Spec:
        """Return the recipe, with the values that were asked for.

        Raises:
            InputError: It does not hold what it should.
        """
        import presets

        return self.spec or (self._inferred() if presets.is_data(self.preset) else self._of_preset())

    def stem(self, spec: Spec) -> str:
        """Return what is named after the recipe."""
        import presets

        return presets.run_stem(self.preset, spec, self.data or self.changes.get("data.source"))

    def band(self, spec: Spec) -> range:
        """Return the seeds."""
        return _seeds(spec, self.seed, self.seeds)

    def _of_preset(self) -> Spec:
        import presets

        if self.targets:
            raise click.UsageError("--target is for DATA; the target of a recipe is --set data.target=NAME")
        if self.data is not None and not os.path.lexists(self.data):
            raise InputError(f"{sanitize(self.data)}: cannot be read (there is no such file or folder)")
        return presets.load(self.preset, set=self.changes, data=self.data)

    def finding(self, say: Callable[[str], object], meanwhile: Callable[[], object] = lambda: None) -> DataFinding:
        """Return what there is in the data.

        Args:
            say: Tells who waits what is being looked at.
            meanwhile: Called while it is looked at.

        Raises:
            InputError: It cannot be read, or nothing can be learned from it.
        """
        import presets

        if self.data is not None:
            raise click.UsageError("--data is for a recipe; this is data already")
        say(f"looking at {sanitize(self.preset, 200)}…")
        weight = self.changes.get("data.weight")
        return presets.infer(self.preset, self.targets, weight=weight, meanwhile=meanwhile)

    def changed(self, spec: Spec) -> Spec:
        """Return a recipe with the values that were asked for."""
        from engine.spec import override

        return override(spec, self.changes) if self.changes else spec

    def _inferred(self) -> Spec:
        """Return the recipe that follows from data, and say what was found and chosen."""
        from engine.spec import validate

        finding = self.finding(partial(click.echo, err=True))
        spec = self.changed(validate(finding.document, self.preset))
        for line in finding.lines():
            click.echo(line, err=True)
        return spec


def _set_up(request: RunRequest, opening: Opening) -> RunRequest | None:
    """Return the request with the recipe as it was set up on the screen, where it is of data; None where one left."""
    import presets

    if not presets.is_data(request.preset):
        return request
    opening.stay_a_line()  # until the set-up screen comes, which looks otherwise
    finding = request.finding(opening.say, _import_setup_app)
    from tui_trainer.runs import presets as preset_service
    from tui_trainer.setup_app import SetupApp

    look = partial(preset_service.look_at, request.preset)
    config = dashboard.load_ui_config()
    app = SetupApp(finding, look, title=request.preset, config=config)
    opening.hand_over()
    spec = app.run()
    dashboard.save_settings(config, app.settings_to_save)
    if spec is None:
        return None
    opening.paint()
    return replace(request, spec=request.changed(spec))


def _import_setup_app() -> None:
    with gc_frozen_imports():
        import tui_trainer.setup_app  # noqa: F401 - half a second, in which the data are read


def _launch(store: RunStore, begun: Run, show: Callable[[Popen[bytes]], int], *, attach_only: bool = False) -> int:
    from engine.worker.starting import launch
    from tui_trainer.cli.ready import READY

    try:
        return show(launch(begun, attach_only=attach_only, ready=READY))
    except InputError:
        if not begun.checkpoints.epochs():  # it never was: nothing of it is to be kept
            store.delete(begun.name)
        raise


def _opens_paused(begun: Run) -> bool:
    from tui_trainer.runs.pace import opens_paused

    return opens_paused(begun.description.trained.spec)


def _is_of_library(name: str) -> bool:
    """Return whether the library has a preset of this name; told by its file alone, without what reads it."""
    from importlib.util import find_spec

    package = find_spec("presets")
    if package is None or package.origin is None or os.sep in name:
        return False
    return Path(package.origin).with_name("library").joinpath(f"{name}.toml").is_file()


def _seeds(spec: Spec, seed: int | None, count: int | None) -> range:
    first = spec.training.seed if seed is None else seed
    if first + (count or 1) > recipe_options.SEEDS:
        raise click.UsageError(f"--seeds: seeds end at {recipe_options.SEEDS - 1}")
    return range(first, first + (count or 1))


def _pace(spec: Spec, pace: float | None, *, headless: bool) -> float | None:
    """Return epochs a second, None for full speed."""
    if pace is not None:
        return None if math.isinf(pace) else pace
    from tui_trainer.runs.pace import screen_pace

    return None if headless else screen_pace(spec)
