"""Claims: figures that the tutorials print, each with where it stands, how it is measured here, and what comes out.

They stand as ``[[claims]]`` at the end of a preset's or a lab's file: a table for each case, and in it a line for each
figure. ``presets.check`` measures them again.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from engine.errors import InputError, describe_validation, sanitize
from engine.strict_model import StrictModel

Verdict = Literal["holds", "inside", "differs"]
"""The printed digits come out; the figure lies in the band that they have here; neither."""

LABS = Path(__file__).parent / "labs"
MAX_TEXT = 2000
Text = Annotated[str, AfterValidator(lambda text: sanitize(text, MAX_TEXT))]
Printed = Text | tuple[Text, ...] | tuple[tuple[Text, ...], ...]
"""A figure as it is printed, digit for digit; a list or a matrix of such; or what is said in its place."""


def _plain(value: Any) -> Any:
    """Return a value if JSON has it too, texts in it harmless.

    Raises:
        ValueError: A date, or a number that is not finite: such a value is written as a text, as "inf".
    """
    match value:
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case str():
            return sanitize(value, MAX_TEXT)
        case list():
            return [_plain(entry) for entry in value]
        case dict():
            return {sanitize(key): _plain(entry) for key, entry in value.items()}
    raise ValueError("expected a finite number, a text, true or false, or a list or table of such")


Plain = Annotated[Any, AfterValidator(_plain)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class LabMeasure(StrictModel):
    """A value that a lab computes with its dials as they come, under the claim's case and the figure's key."""

    kind: Literal["lab"] = "lab"


class RunMeasure(StrictModel):
    """A training run of the preset: ``train.loss@100`` is what epoch 100 reports; without ``@`` the last one.

    Other names: ``validation.accuracy``; ``before.loss`` and ``after.loss``, of all training rows before the first and
    after the last update; ``exam.loss``; ``W1`` and ``b1``, the last parameters; ``p``, the answers to ``points``.
    """

    kind: Literal["run"] = "run"
    set: dict[str, Plain] = Field(default_factory=dict)
    """Values of the recipe that are other here, by dotted path, as in --set."""
    preset: str | None = None
    """The preset that is run, where it is another one."""
    seeds: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """So many seeds from 0 on, and a band of each value; without, the recipe's own seed."""
    minus: str | None = None
    """The preset whose runs of the same seeds are taken off, seed by seed."""
    points: tuple[tuple[Number, ...], ...] = ()
    """Raw rows to answer after the last epoch."""


class ByHandMeasure(StrictModel):
    """Forward and backward before the first epoch, by the textbook's formulas in float64.

    Names are those of the formulas: ``Z1``, ``A1``, ``L``, ``dL_dW1``, ``W1_new``. Columns of matrices are examples.
    """

    kind: Literal["by-hand"] = "by-hand"
    set: dict[str, Plain] = Field(default_factory=dict)
    """Values of the recipe that are other here, by dotted path, as in --set."""
    part: Literal["train", "validation", "test"] = "train"
    """Which rows."""
    row: Annotated[int, Field(ge=0)] | None = None
    """The row of that part, from 0 on; without, all of them."""
    delta: Number | None = None
    """An error to send back from the last z instead of its own."""
    wiggle: Annotated[str, Field(pattern=r"^[Wb][1-9]\[\d+(,\d+)?\]$")] | None = None
    """A weight or bias to move, as in "W2[0,0]"; ``measured`` is the slope of the loss, of one side."""
    by: Number = 0.1
    """How far it is moved."""


class NetworkMeasure(StrictModel):
    """Counts and shapes: ``parameters``, ``parameters.1`` of a layer, ``inputs``, ``W1.shape``."""

    kind: Literal["network"] = "network"
    set: dict[str, Plain] = Field(default_factory=dict)
    """Values of the recipe that are other here, by dotted path, as in --set."""


class FactMeasure(StrictModel):
    """Something about the data or the formulas that ``presets.check`` works out under this name."""

    kind: Literal["fact"] = "fact"
    name: str


Measure = Annotated[LabMeasure | RunMeasure | ByHandMeasure | NetworkMeasure | FactMeasure, Field(discriminator="kind")]


class Figure(StrictModel):
    """A figure of a case."""

    key: Text
    """Its name within the case; of a table in a table both names, as in "he / mean"."""
    published: Printed | None = None
    """As it is printed; without, the tutorial prints none, and ours is the reference."""
    of: Text | tuple[Text, ...] | None = None
    """The name of the measured value, if not the key: ``W1[0,1]`` is an entry, ``a - b`` a difference; or a list."""
    set: dict[str, Plain] = Field(default_factory=dict)
    """Values of the recipe that are other for this figure of a run, beside those of the measure."""
    scale: Number = 1.0
    """What the measured value is multiplied by."""
    ours: Plain = None
    """What comes out here; of a band its mean."""
    within: Annotated[float, Field(ge=0)] | None = None
    """How far what is measured may lie from ours; without, the relative tolerance of the claim."""
    band: tuple[Number, Number] | None = None
    """Where both the printed figure and what is measured have to lie; of a band its mean."""
    at_least: Number | None = None
    """What the printed sentence takes at least to be true."""
    at_most: Number | None = None
    """What it takes at most."""
    verdict: Verdict = "holds"
    """What comes out."""
    why: Text | None = None
    """Where it differs, why, with the proof."""


class Claim(StrictModel):
    """A case: figures that stand at one place of a tutorial and are measured in one way."""

    case: Text
    """The name of the case."""
    where: Text
    """The tutorial, and where in it."""
    measure: Measure = LabMeasure()
    """How its figures are measured."""
    tolerance: Annotated[float, Field(ge=0)] = 1e-9
    """How far, relatively, what is measured may lie from ours."""
    figures: Annotated[tuple[Figure, ...], Field(min_length=1)]
    """Its figures."""


class ClaimedFigure(NamedTuple):
    """A figure with the claim that it belongs to."""

    claim: Claim
    figure: Figure


class _ClaimsTable(BaseModel):
    """The claims of a document."""

    claims: tuple[Claim, ...] = ()


def read_claims(document: Mapping[str, Any], where: str) -> tuple[Claim, ...]:
    """Return the claims of a preset's or a lab's document.

    Raises:
        InputError: One line naming ``where``, the key, and what was expected.
    """
    try:
        return _ClaimsTable.model_validate({"claims": document.get("claims", ())}).claims
    except ValidationError as error:
        raise InputError(f"{sanitize(where)}: {describe_validation(error)}") from None


def lab_claims(name: str) -> tuple[Claim, ...]:
    """Return the claims of a lab; none where there is no file beside it."""
    path = LABS / f"{name}.toml"
    return read_claims(tomllib.loads(path.read_text(encoding="utf-8")), str(path)) if path.is_file() else ()


def figures(claims: tuple[Claim, ...]) -> Iterator[ClaimedFigure]:
    """Yield every figure of some claims."""
    for claim in claims:
        for figure in claim.figures:
            yield ClaimedFigure(claim, figure)


def described(measure: Measure) -> str:
    """Return in a few words how a figure is measured."""
    match measure:
        case RunMeasure(seeds=seeds, minus=minus):
            runs = f"{seeds} runs, seeds 0 to {seeds - 1}" if seeds else "a run of the recipe's own seed"
            return f"{runs}, less those of {minus}" if minus else runs
        case ByHandMeasure(wiggle=str(entry), by=by):
            return f"the loss before and after {entry} is moved by {by:g}"
        case ByHandMeasure():
            return "forward and backward by hand, in float64"
        case NetworkMeasure():
            return "counted"
        case FactMeasure(name=name):
            return f"worked out: {name}"
        case _:
            return "the lab, with its dials as they come"


def summary(claimed: ClaimedFigure) -> dict[str, Any]:
    """Return a figure with its claim as it is listed for programs; plain values throughout."""
    claim, figure = claimed
    return {
        "case": claim.case,
        "key": figure.key,
        "published": figure.published,
        "where": claim.where,
        "measure": described(claim.measure),
        "ours": figure.ours,
        "band": figure.band,
        "verdict": figure.verdict,
        "why": figure.why,
    }
