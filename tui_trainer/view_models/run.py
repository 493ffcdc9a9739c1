"""A run as its watcher knows it: what the frames have said so far, folded together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from engine.protocol.commands import Have
from engine.protocol.events import Answer, Frame, StepPlace, Welcome
from engine.protocol.queries import BoundaryQuery, SeriesQuery
from engine.protocol.views import arrays_of, by_layer
from engine.run.capabilities import Capability
from engine.run.changes import Change
from engine.run.exam import ExamResult
from engine.run.metrics import MetricSet
from engine.run.status import RunState
from engine.spec import NetworkSpec, Spec, TrainingSpec
from tui_trainer.panes import RunShape
from tui_trainer.view_models.accumulators import ActiveNeuronStats, CoadaptationHistory
from tui_trainer.view_models.curve_sources import SeriesCurve, series_of
from tui_trainer.view_models.edit_costs import EditCosts
from tui_trainer.view_models.history import History

Arrays = Mapping[str, NDArray[Any]]
Place = tuple[int, int, int | None]
"""Epochs completed, steps of the one that has begun, and the epoch that is visited instead, if one is."""


# What is shown before there is a run, so that panes need not ask whether there is one. Its state is one that no run
# has: whatever is asked about it, the answer is no.
EMPTY_SPEC: Final = Spec.model_construct(
    name="", network=NetworkSpec.model_construct(layers=()), training=TrainingSpec.model_construct(epochs=0)
)
EMPTY_WELCOME: Final = Welcome.model_construct(
    run="", spec=EMPTY_SPEC, seeds=(0,), inputs=0, feature_names=(), classes=(), rows=(0, 0, 0), read_only=False
)
EMPTY_FRAME: Final = Frame.model_construct(
    number=0,
    state=cast("RunState", "unknown"),
    epoch=0,
    step=0,
    steps=0,
    epochs=0,
    pace=None,
    epochs_per_second=None,
    learning_rate=0.0,
    best_epoch=None,
)


KEPT_APART: Final = frozenset(
    {"weights", "gradients", "updates", "moments", "neurons", "coadaptation", "data", "boundary", "series"}
)
"""Queries whose answers are folded together, or have an attribute of their own."""


@dataclass(frozen=True)
class Overlay:
    """Another run's curves, to be drawn over this one's."""

    name: str
    history: History


class RunModel:
    """Everything a watcher has been told about a run.

    Attributes:
        welcome: What the run is.
        spec: The spec as it now stands; an empty one where it has none.
        columns: The metrics of every epoch.
        frame: The latest frame, ``EMPTY_FRAME`` before the first.
        refusals: What the run cannot do, and why.
        history: Metrics of all epochs.
        overlays: Curves of other runs, for comparison.
        changes: Every dial that was turned, in order.
        checkpoints: Epochs that can be visited and branched from, rising.
        weights: (out, in + 1) by layer, the bias last; the newest that came.
        insides: (out, in + 1) by layer, by what they are: ``gradients``, ``updates``, ``moments.NAME`` of the step
            that the weights stand after; only what was asked for.
        masks: (units, B) by hidden layer, 1 = at work.
        activations: (units, B) likewise.
        dead: (units,) likewise, 1 = fires for no row of the training set.
        saturated: (units,) likewise, 1 = at its limits for nearly all rows of the training set.
        batch_row_numbers: (B,) the table's row numbers of the batch that the masks speak of.
        batch_step: Where that batch stood.
        plane: What the arrays of ``boundary`` show, None before the first.
        boundary: The frame's arrays of the boundary view, by the part of their names after the dot.
        data: Those of the data view likewise.
        series: What was measured now and then, by name; only what was asked for.
        exam: The exam as it was opened last, None while it is sealed.
        answered: The newest answer to each query, by its id: what was asked, and why there is nothing where that is so.
        answers: The newest arrays of every other query, by its id and by the part of their names after the dot.
        verdicts: What goes wrong, and what went wrong for a while, by number.
        awaited: Kinds of queries whose answers were forgotten as those of another time, and are yet to come.
        costs: What the edits of the architecture have cost.
        active_neurons: Neurons at work, on average over the steps seen.
        coadaptation: Co-adaptation of the hidden layers.
    """

    def __init__(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.spec = welcome.spec or EMPTY_SPEC
        self.columns = MetricSet(welcome.metrics)
        self.frame = EMPTY_FRAME
        self.refusals: Mapping[Capability, str] = welcome.refusals
        self.history = History(columns=self.columns)
        self.overlays: list[Overlay] = []
        self.changes: list[Change] = []
        self.checkpoints: tuple[int, ...] = ()
        self.weights: dict[int, NDArray[Any]] = {}
        self.insides: dict[str, dict[int, NDArray[Any]]] = {}
        self.masks: dict[int, NDArray[Any]] = {}
        self.activations: dict[int, NDArray[Any]] = {}
        self.dead: dict[int, NDArray[Any]] = {}
        self.saturated: dict[int, NDArray[Any]] = {}
        self.batch_row_numbers: NDArray[np.int64] = np.empty(0, np.int64)
        self.batch_step: StepPlace | None = None
        self.plane: BoundaryQuery | None = None
        self.boundary: Arrays = {}
        self.data: Arrays = {}
        self.series: dict[str, SeriesCurve] = {}
        self.exam: ExamResult | None = None
        self.answered: dict[str, Answer] = {}
        self.answers: dict[str, Arrays] = {}
        self.verdicts = {verdict.number: verdict for verdict in welcome.verdicts}
        self.awaited: frozenset[str] = frozenset()
        self._watched: frozenset[str] = frozenset()
        self._told_at: dict[str, Place] = {}
        self.costs = EditCosts()
        self.active_neurons = ActiveNeuronStats()
        self.coadaptation = CoadaptationHistory()
        self._neurons = {
            "masks": self.masks,
            "activations": self.activations,
            "dead": self.dead,
            "saturated": self.saturated,
        }

    @property
    def is_known(self) -> bool:
        """Whether there is a run: its worker has answered."""
        return self.welcome is not EMPTY_WELCOME

    @property
    def have(self) -> Have:
        """What of the run need not be told again."""
        return Have(epoch=self.history.epochs, change=len(self.changes), created=self.welcome.created)

    @property
    def has_recipe(self) -> bool:
        """Whether it is trained here, by a recipe that is known."""
        return self.welcome.spec is not None

    @property
    def has_frame(self) -> bool:
        """Whether its worker has told how it stands."""
        return self.frame is not EMPTY_FRAME

    @property
    def epochs(self) -> int:
        """The epoch at which the run ends."""
        return self.frame.epochs if self.has_frame else self.spec.training.epochs

    @property
    def is_before_first_step(self) -> bool:
        """Whether it waits, paused, to take its first step."""
        return self.has_frame and self.frame.state == "paused" and not (self.frame.epoch or self.frame.step)

    @property
    def is_forward_only(self) -> bool:
        """Whether its network was not and will not be trained."""
        return self.has_recipe and self.has_frame and not (self.frame.epochs or self.frame.epoch or self.frame.step)

    @property
    def shape(self) -> RunShape:
        """What the layout has to know of the run."""
        if not self.is_known:
            return RunShape()
        return RunShape(
            layers=len(self.spec.network.layers),
            inputs=self.welcome.inputs,
            pictures=self.welcome.image_shape is not None,
            missing=tuple(self.refusals.items()),
        )

    @property
    def seed_shown(self) -> str:
        """Of several seeds, the one whose insides are shown, and what separates it from what follows."""
        return f"seed {self.welcome.seeds[0]} · " if len(self.welcome.seeds) > 1 else ""

    @property
    def seeds_training(self) -> str:
        """How many seeds the latest numbers are of: those that have stopped early have none."""
        seeds, latest = len(self.welcome.seeds), self.frame.latest[0]
        losses = latest.loss if latest else None
        training = sum(loss is not None for loss in losses) if isinstance(losses, list) else seeds
        return f"{seeds} seeds" if training in {0, seeds} else f"{training} of {seeds} seeds"

    @property
    def has_validation(self) -> bool:
        """Whether the run has a validation part."""
        return self.welcome.rows[1] > 0

    def greet_again(self, welcome: Welcome) -> None:
        """Go on with what is known, after the connection was lost; ``welcome`` knows all of it."""
        self.welcome = welcome
        self.spec = welcome.spec or self.spec
        self.refusals = welcome.refusals
        self.verdicts = {verdict.number: verdict for verdict in welcome.verdicts}

    def apply(self, frame: Frame, arrays: Arrays) -> None:
        """Take in a frame and its arrays."""
        if frame.visiting != self.frame.visiting:
            self._forget_step()
        self.frame = frame
        if frame.data is not None:
            self.welcome = self.welcome.model_copy(update=dict(frame.data))
            self.data = {}
        self.refusals = self.refusals if frame.refusals is None else frame.refusals
        self.spec = frame.spec or self.spec
        self.exam = frame.exam or self.exam
        self.changes.extend(frame.changes)
        self.verdicts |= {verdict.number: verdict for verdict in frame.verdicts}
        self.checkpoints = self.checkpoints if frame.checkpoints is None else frame.checkpoints
        self._apply_metrics(frame, arrays)
        self._apply_snapshots(arrays)
        self._apply_to_accumulators(frame, arrays)
        boundary = frame.answer("boundary")
        if boundary is not None and boundary.refusal is None and isinstance(boundary.query, BoundaryQuery):
            self.plane = boundary.query
        for answer in frame.answers:
            self.answered[answer.query.id] = answer
            if answer.query.kind not in KEPT_APART:
                self.answers[answer.query.id] = arrays_of(arrays, answer.query.id)
        self.boundary = arrays_of(arrays, "boundary") or self.boundary
        self.data = arrays_of(arrays, "data") or self.data
        answered_kinds = {answer.query.kind for answer in frame.answers}
        self._told_at |= dict.fromkeys(answered_kinds, self._place)
        self.awaited -= answered_kinds
        series = frame.answer("series")
        if series is not None and isinstance(series.query, SeriesQuery):
            self.series.update(series_of(arrays_of(arrays, "series"), series.query.names))

    def watch(self, kinds: frozenset[str]) -> None:
        """Note which kinds of queries are answered from now on.

        What comes into sight again, and was told at another epoch or step, is forgotten until the next frame has it.
        """
        for kind in (kinds - self._watched) & self._told_at.keys():
            if self._told_at[kind] == self._place:
                continue
            self.awaited |= {kind}
            if kind == "neurons":
                self._forget_step()
            elif kind == "weights":
                self.weights.clear()
                self.insides = {}
        self._watched = kinds

    @property
    def _place(self) -> Place:
        return self.frame.epoch, self.frame.step, self.frame.visiting

    def _apply_metrics(self, frame: Frame, arrays: Arrays) -> None:
        if "rows" in arrays:
            self.history.add_rows(frame.first_epoch, arrays["rows"])
        elif "bins" in arrays:
            self.history.add_bins(frame.first_epoch, frame.bin_width, arrays["bins"], frame.epoch)

    def _apply_snapshots(self, arrays: Arrays) -> None:
        self.weights.update(by_layer(arrays, "weights"))
        neurons = arrays_of(arrays, "neurons")
        for kind, of_layers in self._neurons.items():
            of_layers.update(by_layer(neurons, kind))
        self.batch_row_numbers = neurons.get("rows", self.batch_row_numbers)
        if "weights.0" in arrays:
            self.insides = insides_of(arrays)

    def _forget_step(self) -> None:
        """Forget the latest batch: at another time there was another one, or none that was kept."""
        for arrays in self._neurons.values():
            arrays.clear()
        self.insides = {}
        self.batch_row_numbers = np.empty(0, np.int64)
        self.batch_step = None

    def _apply_to_accumulators(self, frame: Frame, arrays: Arrays) -> None:
        if self.has_recipe:
            rows = arrays.get("rows", np.empty((0, 1, len(self.columns))))
            self.costs.apply(frame.changes, frame.first_epoch, rows)
        neurons = frame.answer("neurons")
        batch = neurons.batch if neurons else None
        self.batch_step = batch or self.batch_step
        self.active_neurons.apply(batch, self.masks, self.spec)
        coadaptation = arrays_of(arrays, "coadaptation")
        if "means" in coadaptation:
            matrices = by_layer(coadaptation, "matrices")
            self.coadaptation.apply((frame.epoch, frame.step), matrices, coadaptation["means"])


def insides_of(arrays: Arrays) -> dict[str, dict[int, NDArray[Any]]]:
    """Return gradients, updates and moments by kind and layer, (out, in + 1) each."""
    insides: dict[str, dict[int, NDArray[Any]]] = {}
    for name, array in arrays.items():
        kind, _, layer = name.rpartition(".")
        if kind.partition(".")[0] in {"gradients", "updates", "moments"} and layer.isdecimal():
            insides.setdefault(kind, {})[int(layer)] = array
    return insides


def empty_run() -> RunModel:
    """Return what stands in for a run until there is one."""
    return RunModel(EMPTY_WELCOME)
