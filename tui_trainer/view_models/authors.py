"""Who has done what: each watcher hears what the others do to the run."""

from __future__ import annotations

from typing import Final

from engine.errors import sanitize
from engine.protocol.events import Frame
from engine.run.changes import RECIPE, USER, Change
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dials import headline
from tui_trainer.view_models.run import RunModel

LONGEST: Final = 40
_DEEDS: Final = {"running": "lets it train", "paused": "paused it", "stopped": "stopped it, saved"}


def author_words(model: DashboardModel, author: str) -> str:
    """Return who did something, as it is told to this watcher."""
    if author == RECIPE:
        return "the recipe"
    if author == USER:
        return "somebody"
    return "you" if author == model.watcher else sanitize(author, LONGEST)


def signature(model: DashboardModel, change: Change) -> str:
    """Return who made a change, empty for this watcher's own and where that is not known."""
    return "" if change.author in {USER, model.watcher} else author_words(model, change.author)


def words_of_others(model: DashboardModel, run: RunModel, frame: Frame) -> str:
    """Return what a frame, which has not been taken in yet, tells of others' doing; empty where there is nothing."""
    if not run.has_frame:
        return ""  # what was before this watcher came
    said = [
        f"{author_words(model, change.author)}: {headline(change, model.dials, model.vocabulary)}"
        for change in frame.changes
        if change.author not in {USER, RECIPE, model.watcher}
    ]
    if frame.by not in {None, USER, model.watcher} and frame.state != run.frame.state and frame.state in _DEEDS:
        said.append(f"{author_words(model, frame.by or USER)} {_DEEDS[frame.state]}")
    elif frame.by not in {None, USER, model.watcher} and frame.visiting != run.frame.visiting:
        where = "the present" if frame.visiting is None else f"{model.word('epoch')} {frame.visiting}"
        said.append(f"{author_words(model, frame.by or USER)} looks at {where}")
    return " · ".join(said[-3:])
