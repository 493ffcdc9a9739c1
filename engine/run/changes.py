"""What may change while a network learns, and from when a change holds.

A change turns a dial of the spec, edits the architecture, sets a single weight, or sets the pace. It has a number, by
which it is known wherever it is recorded. It acts at the next step, or at the next epoch where masks, batches, shapes
or the optimiser's state depend on it.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError

from engine.declarations.optimizers import HYPERPARAMETERS
from engine.errors import InputError, describe_validation, sanitize
from engine.run.edits import EDIT_PATH, AnyEdit, edited, parse_edit
from engine.run.frozen import Frozen
from engine.spec import LayerSpec, Spec, override, value_at

When = Literal["step", "epoch"]
Place = tuple[int, int]
"""(epoch from 1, step from 0)."""

USER = "user"
"""The author of a change whose name is not known."""
RECIPE = "recipe"
"""The author of a preset's ``[[changes]]``; nobody else can have this name."""
PACE_PATH = "pace"
MOST_PENDING = 64
"""Changes, beside those of the recipe, that may wait for their places: every frame names them."""

_DIALS: dict[When, re.Pattern[str]] = {
    "step": re.compile(
        r"training\.(learning_rate|l1|l2|clip|epochs|stopping\.(patience|minimum_change|restore_best))"
        r"|weights\.\d+\.\d+\.\d+"
    ),
    "epoch": re.compile(
        rf"training\.(batch_size|shuffle|optimizer|label_smoothing|{'|'.join(HYPERPARAMETERS)}|schedule(\.(kind|factor|every))?)"
        r"|network\.(edit|dropout|dropout_mask|negative_slope|layers\.\d+\.dropout)"
        r"|data\.(samples|noise|cluster_std|factor|seed|train|derived)"
    ),
}
DATA_PREFIX = "data."
"""What the paths begin with whose change draws the data anew, or derives other columns from them."""
_WEIGHT_PATH = re.compile(r"weights\.(\d+)\.(\d+)\.(\d+)")


class _Change(Frozen):
    """What all changes say: a change holds from step ``step`` (counted from 0) of epoch ``epoch`` (from 1) on."""

    number: Annotated[int, Field(ge=0)] = 0
    """Its number in the run's log, from 1 on; 0 where it has none yet."""
    epoch: int
    step: int
    author: Annotated[str, Field(max_length=80)] = USER

    @property
    def place(self) -> Place:
        """(epoch, step), for comparing."""
        return self.epoch, self.step

    @property
    def content(self) -> str:
        """What it does where, and who did it: equal for changes that differ in their number alone."""
        return repr(self.model_copy(update={"number": 0, "before": None}))

    def with_number(self, number: int) -> Self:
        """Return this change with a number."""
        return self.model_copy(update={"number": number})


class TurnDial(_Change):
    """Another value at a path of the spec."""

    kind: Literal["turn-dial"] = "turn-dial"
    path: str
    value: Any
    before: Any = None


class EditNetwork(_Change):
    """An edit of the architecture, and the layers that it found."""

    kind: Literal["edit-network"] = "edit-network"
    edit: AnyEdit
    before: tuple[LayerSpec, ...] = ()

    @property
    def path(self) -> str:
        """The path of all edits."""
        return EDIT_PATH

    @property
    def value(self) -> dict[str, Any]:
        """The edit as JSON."""
        return self.edit.model_dump(mode="json")


class SetWeight(_Change):
    """Another value of one parameter, in the networks of all seeds. ``column`` is the input; the bias is the last."""

    kind: Literal["set-weight"] = "set-weight"
    layer: Annotated[int, Field(ge=0)]
    row: Annotated[int, Field(ge=0)]
    column: Annotated[int, Field(ge=0)]
    value: Annotated[float, Field(allow_inf_nan=False)]
    before: float | None = None

    @property
    def path(self) -> str:
        """The path that names this parameter."""
        return f"weights.{self.layer}.{self.row}.{self.column}"


class SetPace(_Change):
    """Another pace, in epochs a second; None is full speed."""

    kind: Literal["set-pace"] = "set-pace"
    value: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None
    before: float | None = None

    @property
    def path(self) -> str:
        """The path of the pace, which no spec has."""
        return PACE_PATH


Change = TurnDial | EditNetwork | SetWeight | SetPace
AnyChange = Annotated[Change, Field(discriminator="kind")]
_CHANGES: TypeAdapter[Change] = TypeAdapter(AnyChange)


def weight_at(path: str) -> tuple[int, int, int] | None:
    """Return layer, row and column of the parameter that a path names; None for a path of something else."""
    match = _WEIGHT_PATH.fullmatch(path)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def make_change(path: str, value: Any, **common: Any) -> Change:
    """Return the change that setting ``path`` to ``value`` is; ``common`` are the fields that all changes have.

    Raises:
        InputError: The path takes no such value.
    """
    try:
        if path == EDIT_PATH:
            return EditNetwork(edit=parse_edit(value), **common)
        if (weight := weight_at(path)) is not None:
            layer, row, column = weight
            return SetWeight(layer=layer, row=row, column=column, value=_finite(path, value), **common)
        if path == PACE_PATH:
            return SetPace(value=value, **common)
        return TurnDial(path=path, value=value, **common)
    except ValidationError as error:
        raise InputError(f"{sanitize(path)}: {describe_validation(error)}") from None


def _finite(path: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise InputError(f"{path}: expected a finite number (got {sanitize(repr(value), 40)})")


def parse_change(document: Mapping[str, Any]) -> Change:
    """Return the change that JSON describes, also as it was written before changes had kinds and numbers.

    Raises:
        InputError: Not an edit, or not a weight.
        ValidationError: It describes no change.
    """
    if "kind" in document:
        return _CHANGES.validate_python(document)
    fields = dict(document)
    path, value, author = fields.pop("path"), fields.pop("value"), fields.pop("by")
    return make_change(path, value, author=author, **fields)


def acts_at(path: str) -> When:
    """Return from when a change of ``path`` holds.

    Raises:
        InputError: Not something that can change while training.
    """
    for when, pattern in _DIALS.items():
        if pattern.fullmatch(path):
            return when
    raise InputError(f"{sanitize(path)}: this cannot be changed while the network learns; start a new run with it")


def spec_after(spec: Spec, base_columns: int, change: Change) -> Spec:
    """Return the spec as a change leaves it, for data of so many columns, beside the derived ones.

    Raises:
        InputError: A value that the path does not take, or an edit that does not fit.
    """
    match change:
        case TurnDial():
            after = override(spec, {change.path: change.value})
            if len(after.data.derived) == len(spec.data.derived) or after.network.weights is None:
                return after
            return override(
                after, {"network.weights": None}
            )  # which were for so many inputs as there were at the start
        case EditNetwork():
            return edited(spec, base_columns + len(spec.data.derived), change.edit)
        case SetWeight() | SetPace():
            return spec  # parameters and pace are not part of the recipe


def _with_before(change: Change, spec: Spec) -> Change:
    """Return a change with what it replaces in ``spec``; weights and the pace are not in it."""
    match change:
        case TurnDial():
            return change.model_copy(update={"before": value_at(spec, change.path)})
        case EditNetwork():
            return change.model_copy(update={"before": spec.network.layers})
        case SetWeight() | SetPace():
            return change


def numbered_by(log: Sequence[Change], changes: Sequence[Change]) -> list[Change]:
    """Return changes from a checkpoint; those without a number get that of the log's change of their content.

    Each number is given once: a dial that was turned back and forth is in the log repeatedly.
    """
    numbers: defaultdict[str, deque[int]] = defaultdict(deque)
    for change in log:
        numbers[change.content].append(change.number)
    return [
        change.with_number(twins.popleft()) if not change.number and (twins := numbers[change.content]) else change
        for change in changes
    ]


class ChangeLog:
    """A spec, and its changes over the course of a run: those that have acted and those that wait.

    Args:
        spec: The recipe at the start.
        base_columns: Columns of the data, beside the derived ones, which the recipe lists.
        check: Raises InputError for a recipe that cannot be followed here.

    Attributes:
        spec: The recipe as it now stands.
        done: Changes that have acted, in order.
        pending: Changes that wait for their place, in order.

    Raises:
        InputError: The recipe's ``[[changes]]`` set something that cannot change on the way.
    """

    def __init__(self, spec: Spec, base_columns: int, check: Callable[[Spec], None] = lambda _: None) -> None:
        check(spec)
        for change in spec.changes:
            for path in change.set:
                acts_at(path)
        self.spec = spec
        self._base_columns = base_columns
        self._check = check
        self.done: list[Change] = []
        self.pending: list[Change] = []
        self._last_number = 0
        self.add(
            [
                make_change(path, value, epoch=change.epoch, step=0, author=RECIPE)
                for change in spec.changes
                for path, value in change.set.items()
            ]
        )

    def plan(self, path: str, value: Any, here: Place, *, before: Any = None, author: str = USER) -> Change:
        """Return the change that setting ``path`` at the place ``here`` means; nothing acts yet.

        It is planned against everything that waits: its ``before`` is the value that it will find at its place.

        Args:
            path: What to change.
            value: Its new value.
            here: The place of the next step.
            before: The value it replaces, where that is not in the spec.
            author: Who asks for it.

        Raises:
            InputError: No such dial, or a value that it does not take when its place comes, or with which something
                that waits for a later place would not fit any more; an author of the recipe's name.
        """
        if sum(change.author != RECIPE for change in self.pending) >= MOST_PENDING:
            raise InputError(f"{sanitize(path)}: {MOST_PENDING} changes wait for their places already; let it train on")
        if author == RECIPE:
            raise InputError(f"{RECIPE}: this name is that of a recipe's own changes; choose another")
        epoch, step = here
        if acts_at(path) == "epoch" and step:
            epoch, step = epoch + 1, 0
        replaced = {} if before is None else {"before": before}
        number = self._last_number + 1
        change = make_change(path, value, epoch=epoch, step=step, number=number, author=author, **replaced)
        planned = next(waiting for waiting in self._foreseen([change]) if waiting.number == number)
        self._last_number = number
        return planned

    def plan_pace(self, pace: float | None, here: Place, *, before: float | None, author: str = USER) -> SetPace:
        """Return the change that another pace is at ``here``; it acts at once, and fits whatever waits.

        Args:
            pace: Epochs a second; None is full speed.
            here: The place of the next step.
            before: The pace until now.
            author: Who asks for it.
        """
        self._last_number += 1
        epoch, step = here
        return SetPace(number=self._last_number, epoch=epoch, step=step, author=author, value=pace, before=before)

    def add(self, changes: Sequence[Change]) -> None:
        """Let changes wait for their places; one whose place has passed acts at the next look."""
        self.pending = self._foreseen(self._numbered(changes))

    def follow(self, log: Sequence[Change]) -> None:
        """Let those changes of a run's log wait that have neither acted nor wait yet.

        A change is known by its number; what was restored without numbers gets those of the log.
        """
        numbered = numbered_by(log, [*self.done, *self.pending])
        self.done, self.pending = (
            self._numbered(changes) for changes in (numbered[: len(self.done)], numbered[len(self.done) :])
        )
        known = {change.number for change in (*self.done, *self.pending)}
        self.add([change for change in log if not change.number or change.number not in known])

    def due(self, here: Place) -> bool:
        """Return whether a change is to act at ``here``."""
        return bool(self.pending) and self.pending[0].place <= here

    def _numbered(self, changes: Sequence[Change]) -> list[Change]:
        """Return the changes, those without a number with the next ones."""
        self._last_number = max([self._last_number, *(change.number for change in changes)])
        numbered = []
        for change in changes:
            self._last_number += not change.number
            numbered.append(change if change.number else change.with_number(self._last_number))
        return numbered

    def _foreseen(self, new: Sequence[Change]) -> list[Change]:
        """Return all that waits and what is new, in order, each with the value of the recipe that it will replace."""
        spec, foreseen = self.spec, []
        for change in sorted([*self.pending, *new], key=lambda change: change.place):
            foreseen.append(_with_before(change, spec))
            spec = self._after(spec, change)
            self._check(spec)
        return foreseen

    def turn_next(self) -> Change:
        """Let the first waiting change act on the spec, and return it."""
        change = self.pending.pop(0)
        self.spec = self._after(self.spec, change)
        self.done.append(change)
        return change

    def _after(self, spec: Spec, change: Change) -> Spec:
        """Return the recipe as a change leaves it; its own ``changes`` are those that it still has before it."""
        if change.author == RECIPE:
            spec = spec.model_copy(update={"changes": tuple(one for one in spec.changes if one.epoch > change.epoch)})
        return spec_after(spec, self._base_columns, change)

    def restore(self, done: Sequence[Change], pending: Sequence[Change]) -> None:
        """Take over the changes that a restored spec has already taken in, and those that wait.

        Where they have no numbers the recipe's get theirs here, and the others those of the log (see ``follow``).
        """
        self.done, self.pending = list(done), list(pending)
        number = 0
        for changes in (self.done, self.pending):
            for index, change in enumerate(changes):
                if change.author == RECIPE and not change.number:
                    number += 1
                    changes[index] = change.with_number(number)
        count = len(self.done) + len(self.pending)
        self._last_number = max([count, *(change.number for change in (*self.done, *self.pending))])
