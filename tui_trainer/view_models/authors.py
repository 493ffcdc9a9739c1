"""The authors of changes and commands: each watcher is shown what the others do to the run."""

from __future__ import annotations

from typing import Final

from engine.errors import sanitize
from engine.protocol.events import Frame
from engine.run.changes import RECIPE, USER, Change
from tui_trainer.view_models.change_texts import headline
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel

LONGEST: Final = 40
_DEEDS: Final = {"running": "lets it train", "paused": "paused it", "stopped": "stopped it, saved"}


def author_words(model: DashboardModel, author: str) -> str:
    """Return who did something, as it is told to this watcher."""
    if author == RECIPE:
        return "the recipe"
    if author == USER:
        return "somebody"
    return "you" if _user_of(author) == model.watcher else sanitize(author, LONGEST)


def signature(model: DashboardModel, change: Change) -> str:
    """Return who made a change, empty for this watcher's own and where that is not known."""
    is_own = change.author == USER or _user_of(change.author) == model.watcher
    return "" if is_own else author_words(model, change.author)


def words_of_others(model: DashboardModel, run: RunModel, frame: Frame) -> str:
    """Return what a frame, which has not been taken in yet, tells that other screens have done; empty for nothing."""
    if not run.has_frame:
        return ""  # what was before this watcher came
    said = [
        f"{_screen_words(model, change.author)}: {headline(change, model.dials, model.vocabulary)}"
        for change in frame.changes
        if _is_elsewhere(model, change.author)
    ]
    if frame.by is not None and _is_elsewhere(model, frame.by):
        who = _screen_words(model, frame.by)
        if frame.state != run.frame.state and frame.state in _DEEDS:
            said.append(f"{who} {_DEEDS[frame.state]}")
        elif frame.visiting != run.frame.visiting:
            where = "the present" if frame.visiting is None else f"{model.word('epoch')} {frame.visiting}"
            said.append(f"{who} looks at {where}")
    return " · ".join(said[-3:])


def _is_elsewhere(model: DashboardModel, author: str) -> bool:
    return author not in {USER, RECIPE, model.screen}


def _screen_words(model: DashboardModel, author: str) -> str:
    """Return which other screen it was: of this watcher's own the terminal."""
    user, _, terminal = author.partition(" ")
    return f"you on {sanitize(terminal, LONGEST)}" if user == model.watcher and terminal else sanitize(author, LONGEST)


def _user_of(author: str) -> str:
    """Return the user of a screen, without the terminal."""
    return author.partition(" ")[0]
