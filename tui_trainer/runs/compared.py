"""Runs of the store, read for a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.array_types import Rows
from engine.errors import TrainerError
from engine.run.changes import Change, ChangeLog
from engine.run.data_facts import DataFacts
from engine.run.description import RunDescription, Trained
from engine.run.metrics import GRADIENT_NORM, TRAINING_SECONDS, MetricSet
from engine.run.series import median_over_seeds
from engine.spec import Spec
from engine.store.runs import Run, RunStore
from tui_trainer.view_models.compare import PARTS, ComparedRun, EpochValues, Part, Ruler
from tui_trainer.view_models.history import History
from tui_trainer.view_models.recipe_differences import Values, flat_values, recipe_values

EPOCHS_AT_ONCE = 20_000
"""Epochs read from the store at once."""
MILLISECONDS = 1000.0


def read_compared(store: RunStore, name: str) -> ComparedRun:
    """Return what there is to compare of a run, which may be at work.

    Raises:
        InputError: There is no such run, or it is damaged.
    """
    run = store.open(name)
    run.check()
    summary, description = run.summary(), run.description
    changes, facts = tuple(run.metrics.changes()), run.metrics.state().data
    spec = _spec_now(description, changes, facts, summary.epoch)
    metrics = _Reading(description.columns, len(description.seeds))
    for rows in _portions(run):
        metrics.add(rows)
    has_patience = spec is not None and spec.training.stopping.patience > 0
    return ComparedRun(
        name=run.name,
        title=description.title,
        state=summary.state,
        seeds=description.seeds,
        recipe=_values(description, spec),
        changes=changes,
        columns=description.columns,
        history=metrics.history,
        last=metrics.last(),
        best=metrics.best(),
        judged=metrics.judged(_diverged(run), at_best=has_patience),
        lineage=_lineage(store, run, metrics.history.epochs),
        parts=metrics.parts(facts),
        is_classification=_is_classification(spec, facts),
        has_patience=has_patience,
        rulers=_rulers(run),
    )


def _portions(run: Run) -> Iterator[Rows]:
    first = 1
    while len(rows := run.metrics.rows(first, first + EPOCHS_AT_ONCE - 1)):
        yield rows
        first += len(rows)


class _Reading:
    """Takes in a run's rows (k, S, C), one portion after the other, and keeps what a comparison speaks of."""

    def __init__(self, columns: MetricSet, seeds: int) -> None:
        self.history = History(columns=columns)
        self._columns = columns
        # A seed that has stopped early has a learning rate, and nothing else.
        self._telling = [*columns.losses, *columns.scores] or list(range(len(columns)))
        self._last = np.full((seeds, len(columns)), np.nan)
        self._last_epoch = np.zeros(seeds, np.intp)
        self._lowest, self._lowest_epoch = np.inf, 0
        self._lowest_row: Rows | None = None
        self._best = np.full((seeds, len(columns)), np.nan)
        self._best_loss = np.full(seeds, np.inf)

    def add(self, rows: Rows) -> None:
        first = self.history.epochs + 1
        self.history.add_rows(first, rows)
        measured = np.asarray(~np.isnan(rows[:, :, self._telling]).all(axis=2))
        for seed in np.flatnonzero(measured.any(axis=0)):
            place = int(np.flatnonzero(measured[:, seed])[-1])
            self._last[seed], self._last_epoch[seed] = rows[place, seed], first + place
        self._note_best(first, rows, self._losses(rows))

    def _losses(self, rows: Rows) -> Rows:
        """Return (k, S) the losses by which epochs are chosen: of validation where there is any."""
        of_parts = {self._columns.metrics[column].part or "train": column for column in self._columns.losses[::-1]}
        column = of_parts.get("validation")
        if column is None or not np.isfinite(rows[..., column]).any():
            column = of_parts.get("train", next(iter(of_parts.values()), 0))
        return rows[..., column]

    def _note_best(self, first: int, rows: Rows, losses: Rows) -> None:
        """Note the epoch of the lowest median over the seeds, and each seed's own best one."""
        medians = median_over_seeds(losses[..., None])[:, 0]
        if np.isfinite(medians).any() and (lowest := float(np.nanmin(medians))) < self._lowest:
            place = int(np.nanargmin(medians))
            self._lowest, self._lowest_epoch, self._lowest_row = lowest, first + place, rows[place]
        finite = np.where(np.isfinite(losses), losses, np.inf)
        for seed, place in enumerate(finite.argmin(axis=0).tolist()):
            if finite[place, seed] < self._best_loss[seed]:
                self._best_loss[seed], self._best[seed] = finite[place, seed], rows[place, seed]

    def last(self) -> EpochValues | None:
        return EpochValues(self.history.epochs, self._last) if self.history.epochs else None

    def best(self) -> EpochValues | None:
        return None if self._lowest_row is None else EpochValues(self._lowest_epoch, self._lowest_row)

    def parts(self, facts: DataFacts | None) -> frozenset[Part]:
        """Return the parts of the data that are measured: by what is known of them, else by whether numbers came."""
        if facts is not None:
            return frozenset(part for part, rows in zip(reversed(PARTS), facts.rows, strict=False) if rows)
        metrics, finite = self._columns.metrics, np.asarray(np.isfinite(self.history.values).any(axis=(0, 2)))
        return frozenset(metrics[column].part or "train" for column in self._telling if finite[column])

    def judged(self, diverged: Sequence[bool], *, at_best: bool) -> Rows:
        """Return (S, C) what each seed is judged by; the worst there is where it diverged."""
        values = np.where(np.isfinite(self._best_loss)[:, None], self._best, self._last) if at_best else self._last
        worst = np.full(len(self._columns), np.nan)
        worst[list(self._columns.losses)], worst[list(self._columns.scores)] = np.inf, -np.inf
        return np.where(np.array(diverged)[:, None], worst, values)


def _diverged(run: Run) -> list[bool]:
    """Return of each seed whether a value of it was not finite any more at the end of what was trained."""
    last = run.metrics.state().epoch
    non_finite = [event for event in run.metrics.events() if event.kind == "non-finite" and event.epoch >= last]
    seeds = {seed for event in non_finite for seed in event.details.get("seeds", ())}
    return [seed in seeds for seed in run.description.seeds]


def _spec_now(
    description: RunDescription, changes: Sequence[Change], facts: DataFacts | None, epoch: int
) -> Spec | None:
    """Return the recipe with the changes that have acted; as started where they cannot be followed."""
    if not isinstance(description.recipe, Trained):
        return None
    spec = description.recipe.spec
    try:
        log = ChangeLog(spec, (facts.inputs if facts else 1) - len(spec.data.derived))
        log.follow(changes)
        while log.due((epoch + 1, 0)):
            log.turn_next()
    except TrainerError:  # an edit whose network cannot be worked out without the data
        return spec
    return log.spec


def _values(description: RunDescription, spec: Spec | None) -> Values:
    recipe = description.recipe
    if isinstance(recipe, Trained):
        return recipe_values(spec or recipe.spec, description.seeds)
    return flat_values({"source": recipe.source, **recipe.config})


def _is_classification(spec: Spec | None, facts: DataFacts | None) -> bool:
    if facts is not None:
        return bool(facts.classes)
    return spec is None or spec.training.loss in {"bce", "cce"}


def _lineage(store: RunStore, run: Run, epoch: int) -> Mapping[str, int]:
    """Return the runs whose past this one shares, itself among them, each with the last epoch that it shares."""
    lineage, name, parent = {run.name: epoch}, run.name, run.description.parent
    while parent:
        name, _, at = parent.rpartition("@")
        if name in lineage or not at.isdigit():
            break
        epoch = min(epoch, int(at))
        lineage[name] = epoch
        try:
            parent = store.open(name).description.parent
        except TrainerError:  # deleted since
            parent = None
    return lineage


def _rulers(run: Run) -> dict[str, Ruler]:
    """Return steps and milliseconds by epoch, of what is recorded."""
    rulers = {}
    norms, seconds = run.metrics.points(f"{GRADIENT_NORM}.0"), run.metrics.points(TRAINING_SECONDS)
    if len(norms.epochs):
        rulers["step"] = _ruler(norms.epochs, norms.steps.astype(np.float64))
    if len(seconds.epochs):
        rulers["time"] = _ruler(seconds.epochs, MILLISECONDS * seconds.values[:, 0])
    return rulers


def _ruler(epochs: np.ndarray, reached: Rows) -> Ruler:
    """Return what had been reached by epochs that are whole, and nothing before the first."""
    whole, places = np.unique(epochs[::-1], return_index=True)  # the last point of each epoch
    return Ruler(np.append(0.0, whole), np.append(0.0, reached[::-1][places]))
