"""``tui-trainer learn``: the tutorials as courses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError
from tui_trainer.cli import dashboard, parameters, terminal

if TYPE_CHECKING:
    from tui_trainer.ui_config import UiConfig
    from tui_trainer.view_models.learn import LessonPlace


@click.command()
@click.option("--refresh", type=parameters.hertz, metavar="N", help="Redraw the screen at most N times a second.")
def learn(*, refresh: float | None) -> int:
    """Go through the tutorials, lesson by lesson.

    A lesson opens its preset with its card beside the panes, or its lab. Tasks are ticked by themselves; what has been
    done is remembered.
    """
    if not terminal.has_screen():
        raise InputError("learn: expected a terminal; tui-trainer presets NAME prints a preset with its card")
    from tui_trainer.cli.opening import opened
    from tui_trainer.cli.run import RunRequest, begin_on_screen

    place = _chosen(dashboard.load_ui_config())
    if place is None or place.lesson.preset is None:
        return 0
    request = RunRequest(place.lesson.preset, {}, None, (), None, name=None, seed=None, seeds=None, pace=None)
    with opened(place.lesson.preset, is_sure=True) as opening:
        return begin_on_screen(request, opening, refresh=refresh, lesson=place.key)


def _chosen(ui_config: UiConfig) -> LessonPlace | None:
    """Show the courses; return the lesson whose preset is to be trained, None where one leaves."""
    from engine.allocator import gc_frozen_imports
    from engine.store.runs import RunStore

    with gc_frozen_imports():
        from tui_trainer.learn_app import LearnApp
        from tui_trainer.runs.lessons import LessonBook

    app = LearnApp(LessonBook(RunStore().root), config=ui_config)
    place = app.run()
    dashboard.save_settings(ui_config, app.settings_to_save)
    return place
