"""While you were away: what has happened in a run since this watcher last looked at it, in a few lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.errors import sanitize
from engine.run.changes import Change
from engine.run.metrics import MetricSet
from engine.run.series import HIGH, LOW
from tui_trainer.formatting import count, duration, metric
from tui_trainer.view_models.absence import Away
from tui_trainer.view_models.authors import author_words
from tui_trainer.view_models.change_texts import headline, without_repeats
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel

MOST_CHANGES: Final = 3
"""Changes of one author that are told of, the latest ones; the others are counted."""
MOST_VERDICTS: Final = 3
MOST_LOG_LINES: Final = 2


class _Extreme(NamedTuple):
    value: float
    epoch: int


def away_lines(model: DashboardModel, away: Away) -> list[str]:
    """Return what has happened meanwhile, a line for each kind of thing."""
    run = model.run
    lines = [_progress(model, away), _extremes(model, away)]
    lines += _changes(model, run.changes[away.seen.changes :])
    lines.append(_verdicts(model, away))
    lines.append(_end(model, away))
    return [line for line in lines if line]


def news_lines(model: DashboardModel) -> list[str]:
    """Return all that there is to tell to a watcher who has come back."""
    return [*(away_lines(model, model.away) if model.away else []), *found_lines(model)]


def found_lines(model: DashboardModel) -> list[str]:
    """Return how a run was found that nobody trained any more, where its worker did not leave by itself."""
    run_left = model.run.welcome.left
    if run_left is None or run_left.state != "died":
        return []
    log = [f"its log: {sanitize(line)}" for line in run_left.lines[-MOST_LOG_LINES:]]
    return [f"its worker died at {model.word('epoch')} {count(model.run.frame.epoch)}", *log]


def _progress(model: DashboardModel, away: Away) -> str:
    words, epochs = f"while you were away ({duration(away.seconds)})", away.epoch - away.seen.epoch
    if not epochs:
        return f"{words}: no {model.word('epoch')} was trained"
    unit = model.word("epoch" if epochs == 1 else "epochs")
    return f"{words}: +{count(epochs)} {unit}, from {count(away.seen.epoch)} to {count(away.epoch)}"


def _extremes(model: DashboardModel, away: Away) -> str:
    """Return the best and the worst loss meanwhile, and whether the best is better than all before."""
    run = model.run
    column = _loss(run.columns, has_validation=run.has_validation)
    if column is None or away.epoch == away.seen.epoch:
        return ""
    best = _extreme(run, column, away.seen.epoch + 1, away.epoch, worst=False)
    worst = _extreme(run, column, away.seen.epoch + 1, away.epoch, worst=True)
    if best is None or worst is None:
        return ""
    before = _extreme(run, column, 1, away.seen.epoch, worst=False)
    compared = ""
    if before is not None:
        relation = "better than" if best.value < before.value else "not better than"
        compared = f", {relation} {metric(before.value)} at {count(before.epoch)} before"
    name = sanitize(run.columns.names[column].replace("_", " "))
    return (
        f"best {name} {metric(best.value)} at {model.word('epoch')} {count(best.epoch)}{compared}"
        f" · worst {metric(worst.value)} at {count(worst.epoch)}"
    )


def _loss(columns: MetricSet, *, has_validation: bool) -> int | None:
    """Return the column that tells best how well a run does: a loss, of the validation part where there is one."""
    of_part = {columns.metrics[column].part: column for column in reversed(columns.losses)}
    if has_validation and "validation" in of_part:
        return of_part["validation"]
    return columns.losses[0] if columns.losses else None


def _extreme(run: RunModel, column: int, first: int, last: int, *, worst: bool) -> _Extreme | None:
    """Return the lowest or highest value among epochs, and where it lies: in long runs, the end of its bin."""
    history = run.history
    start, end = (first - 1) // history.width, -(-min(last, history.epochs) // history.width)
    values = history.values[start:end, column, HIGH if worst else LOW]
    if not np.isfinite(values).any():
        return None
    at = int(np.nanargmax(values) if worst else np.nanargmin(values))
    return _Extreme(float(values[at]), min(last, (start + at + 1) * history.width))


def _changes(model: DashboardModel, changes: Sequence[Change]) -> Iterator[str]:
    """Yield a line for each author: what it changed, and at which epoch."""
    by_author = defaultdict[str, list[Change]](list)
    for change in without_repeats(changes):
        by_author[change.author].append(change)
    for author, own in by_author.items():
        headlines = [
            f"{headline(change, model.dials, model.vocabulary)} at {model.word('epoch')} {count(change.epoch)}"
            for change in own[-MOST_CHANGES:]
        ]
        more = f"{count(len(own) - len(headlines))} more before · " if len(own) > len(headlines) else ""
        yield f"{author_words(model, author)}: {more}{' · '.join(headlines)}"


def _verdicts(model: DashboardModel, away: Away) -> str:
    """Return what began to go wrong meanwhile, the latest first, and what has passed."""
    new_verdicts = [one for one in model.run.verdicts.values() if away.seen.epoch < one.told <= away.epoch]
    passed = [
        one for one in model.run.verdicts.values() if one.told <= away.seen.epoch < (one.until or 0) <= away.epoch
    ]
    words = [
        f"{one.name} since {count(one.since)}{f' until {count(one.until)}' if one.until else ''}"
        for one in new_verdicts
    ]
    words = [*reversed(words[-MOST_VERDICTS:]), *(f"{one.name} has passed" for one in passed[-MOST_VERDICTS:])]
    return f"verdicts: {' · '.join(words)}" if words else ""


def _end(model: DashboardModel, away: Away) -> str:
    """Return how the run has ended, where it has."""
    frame, run_left = model.run.frame, model.run.welcome.left
    if frame.state not in {"finished", "stopped"}:
        return ""
    since = f" {duration(away.at - run_left.at)} ago" if run_left is not None and run_left.at >= away.seen.at else ""
    who = f" by {author_words(model, frame.by)}" if frame.state == "stopped" and frame.by else ""
    return f"{frame.state}{who}{since}"
