"""What a watcher may ask to see of the network that is shown: the kinds of queries, and the arrays of their answers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import AfterValidator, Field, FiniteFloat

from engine.run.frozen import Frozen

View = Literal[
    "weights",
    "gradients",
    "updates",
    "moments",
    "neurons",
    "coadaptation",
    "data",
    "boundary",
    "fields",
    "by-hand",
    "series",
]
"""The kinds of queries; ``engine.protocol.views`` has the arrays of each answer by name."""
MOST_QUERIES = 16
"""Queries that a watcher may have at a time."""
MOST_SERIES = 64
"""Series that one query may name."""
MOST_POINTS = 4096
"""Points of a series that one answer may have."""
MOST_TYPED = 1024
"""Values of a row that is typed in: so many fit into a request."""

Index = Annotated[int, Field(ge=0, le=2**53)]
Coordinate = Annotated[float, Field(allow_inf_nan=False)]
QueryId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
DType = Literal["float32", "float64", "int64", "uint8", "float"]
"""``float`` is that of the run's parameters."""


class ArrayLayout(NamedTuple):
    """One array of an answer; ``shape`` names its axes."""

    name: str
    dtype: DType
    shape: tuple[str | int, ...]
    meaning: str


class Query(Frozen):
    """Base of all queries: a question about the network that is shown, answered once or with every frame.

    ``id`` is of the watcher's choosing; the arrays of an answer, which each query declares in ``ARRAYS``, are named
    ``ID.name``.
    """

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = ()

    id: QueryId


class WeightsQuery(Query):
    """The parameters of each layer."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("LAYER", "float", ("out", "in + 1"), "parameters, the bias last"),
    )
    kind: Literal["weights"] = "weights"
    id: QueryId = "weights"


class GradientsQuery(Query):
    """The gradient of the latest batch's loss."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("LAYER", "float32", ("out", "in + 1"), "slopes of the latest batch's loss"),
    )
    kind: Literal["gradients"] = "gradients"
    id: QueryId = "gradients"


class UpdatesQuery(Query):
    """What the latest step added to the parameters."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("LAYER", "float32", ("out", "in + 1"), "what the latest step added"),
    )
    kind: Literal["updates"] = "updates"
    id: QueryId = "updates"


class MomentsQuery(Query):
    """The optimiser's running averages."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("NAME.LAYER", "float32", ("out", "in + 1"), "the optimiser's running averages"),
    )
    kind: Literal["moments"] = "moments"
    id: QueryId = "moments"


class NeuronsQuery(Query):
    """Masks and activations of the latest batch; which neurons are dead or saturated."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("rows", "int64", ("B",), "the table's row numbers of the batch"),
        ArrayLayout("masks.LAYER", "uint8", ("units", "B"), "1 = left in by dropout, of a hidden layer"),
        ArrayLayout("activations.LAYER", "float32", ("units", "B"), "after dropout"),
        ArrayLayout("dead.LAYER", "uint8", ("units",), "1 = fires for none of the training rows, dropout off"),
        ArrayLayout("saturated.LAYER", "uint8", ("units",), "1 = at its limits for nearly all of them"),
    )
    kind: Literal["neurons"] = "neurons"
    id: QueryId = "neurons"


class CoadaptationQuery(Query):
    """How alike the neurons of a layer answer."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("matrices.LAYER", "float32", ("u", "u"), "correlations among the first 64 neurons"),
        ArrayLayout("means", "float64", ("layers",), "mean size of those of different neurons"),
    )
    kind: Literal["coadaptation"] = "coadaptation"
    id: QueryId = "coadaptation"


class DataQuery(Query):
    """Ranges, counts and a sample of the data; it does not change, so frames carry it once."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("raw", "float64", ("n", 4), "lowest, highest, mean, standard deviation over the training rows"),
        ArrayLayout("scaled", "float64", ("n", 4), "likewise, as the network sees them"),
        ArrayLayout("counts", "int64", (3, "classes"), "rows of the training, validation and test part"),
        ArrayLayout("sample", "float64", ("m", "n"), "rows, raw"),
        ArrayLayout("sample_y", "float64", ("m", "K"), "their targets"),
        ArrayLayout("sample_rows", "int64", ("m",), "their row numbers"),
        ArrayLayout("sample_parts", "uint8", ("m",), "0 train, 1 validation"),
    )
    kind: Literal["data"] = "data"
    id: QueryId = "data"


class BoundaryQuery(Query):
    """The answers over a plane through the inputs: two columns vary, the others rest at their training mean."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("field", "float32", ("height", "width"), "top row first: p of class 1, or of the likeliest"),
        ArrayLayout("classes", "uint8", ("height", "width"), "the likeliest class"),
        ArrayLayout("box", "float64", (4,), "left, right, bottom, top, raw"),
        ArrayLayout("points", "float64", ("m", 2), "rows of the training and validation part, raw"),
        ArrayLayout("labels", "float64", ("m",), "their targets"),
        ArrayLayout("parts", "uint8", ("m",), "0 train, 1 validation"),
        ArrayLayout("p", "float32", ("m",), "the network's answer to them"),
        ArrayLayout("rows", "int64", ("m",), "their row numbers"),
        ArrayLayout("own", "float32", ("K",), "outputs at the watcher's point"),
        ArrayLayout("columns", "int64", (2,), "the columns across and upwards"),
    )
    kind: Literal["boundary"] = "boundary"
    id: QueryId = "boundary"
    columns: tuple[Index, Index] | None = (0, 1)
    """The columns across and upwards; None for the two that tell most of the target."""
    width: Annotated[int, Field(ge=2, le=400)] = 80
    height: Annotated[int, Field(ge=2, le=200)] = 40
    neuron: tuple[Index, Index] | None = None
    """(hidden layer, neuron) whose activation to show instead of the network's answer."""
    point: tuple[Coordinate, Coordinate] | None = None
    """A point of the watcher's own, in raw units of the two columns."""


class FieldsQuery(Query):
    """The activation of each of the first neurons of a layer over the two columns of the data, as a small picture."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("LAYER", "float32", ("units", "height", "width"), "of each layer's first neurons, top row first"),
    )
    kind: Literal["fields"] = "fields"
    id: QueryId = "fields"
    width: Annotated[int, Field(ge=2, le=24)] = 6
    height: Annotated[int, Field(ge=2, le=24)] = 6
    most: Annotated[int, Field(ge=1, le=32)] = 10
    """Neurons of a layer, at most; the output layer's are the network's answers."""


class ByHandQuery(Query):
    """One row, and the network that takes it forward and back; see ``engine.numerics.by_hand.explain``.

    The whole network where it is small enough for a frame, so that the watcher can do the arithmetic; else what comes
    of it. It is the network that is shown: as it trains, or at the checkpoint that is viewed.
    """

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout(
            "place", "int64", (4,), "row of the part, row of the table, part (0 train, 1 validation, 2 typed), rows"
        ),
        ArrayLayout("x", "float64", ("n",), "inputs, as the network sees them"),
        ArrayLayout("raw", "float64", ("n",), "inputs, in the units of the data"),
        ArrayLayout("y", "float64", ("K",), "targets"),
        ArrayLayout("rate", "float64", (1,), "learning rate of the epoch that is under way or comes next"),
        ArrayLayout("class_weights", "float64", ("classes",), "of the loss, where rows do not weigh alike"),
        ArrayLayout("label_smoothing", "float64", (1,), "of the loss, where targets are smoothed"),
        ArrayLayout("negative_slope", "float64", (1,), "of leaky ReLU, where it is not the usual one"),
        ArrayLayout("masks.LAYER", "float64", ("out",), "0 or 1/(1 − p), if the latest batch had the row and dropped"),
        ArrayLayout("LAYER", "float", ("out", "in + 1"), "parameters, the bias last; of a network small enough"),
        ArrayLayout("z.LAYER", "float64", ("out",), "weights · inputs + biases; of one too large, dropout off"),
        ArrayLayout("a.LAYER", "float64", ("out",), "activations; of one too large, dropout off"),
        ArrayLayout("error.LAYER", "float64", ("out",), "∂loss/∂a; of one too large that has a way back"),
        ArrayLayout("delta.LAYER", "float64", ("out",), "∂loss/∂z; of one too large that has a way back"),
        ArrayLayout("incoming", "float64", ("in + 1",), "the asked neuron's weights, and its bias"),
        ArrayLayout("outgoing", "float64", ("units above",), "its weights in the layer above; of a hidden one"),
        ArrayLayout("wiggle", "float64", (8,), "value, h, loss below, at, above; slope, relative error, 1 at a kink"),
    )
    kind: Literal["by-hand"] = "by-hand"
    id: QueryId = "by-hand"
    part: Literal["train", "validation"] = "train"
    row: Index = 0
    """Of the part, from 0; where ``pick`` is None."""
    pick: Literal["wrong", "ambiguous", "batch"] | None = None
    """Rows that are answered wrong, the largest loss first; all, the least sure first; those of the latest batch."""
    rank: Index = 0
    """Which of them, from 0."""
    typed: Annotated[tuple[FiniteFloat, ...], Field(min_length=1, max_length=MOST_TYPED)] | None = None
    """The values of a row of one's own in place of one of the data: raw, one for each column that is not derived."""
    truth: Annotated[tuple[FiniteFloat, ...], Field(min_length=1, max_length=MOST_TYPED)] | None = None
    """What the answer to it should be: the number of its class, or its values, raw; None: the network's own answer."""
    neuron: tuple[Index, Index] | None = None
    """(layer, neuron) whose weights are asked for, all from 0."""
    wiggle: tuple[Index, Index, Index] | None = None
    """(layer, neuron, input) of a weight to wiggle, all from 0; as input the number of inputs for the bias."""


class SeriesQuery(Query):
    """Sparse series by name, as ``gradient_norm.0``; thinned to at most ``max_points`` points each."""

    ARRAYS: ClassVar[tuple[ArrayLayout, ...]] = (
        ArrayLayout("INDEX.steps", "int64", ("k",), "steps of the points of the series of this place in the query"),
        ArrayLayout("INDEX.epochs", "int64", ("k",), "their epochs"),
        ArrayLayout("INDEX.values", "float64", ("k", "S"), "their values"),
    )
    kind: Literal["series"] = "series"
    id: QueryId = "series"
    names: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1, max_length=MOST_SERIES)]
    max_points: Annotated[int, Field(ge=2, le=MOST_POINTS)] = 1024


AnyQuery = Annotated[
    WeightsQuery
    | GradientsQuery
    | UpdatesQuery
    | MomentsQuery
    | NeuronsQuery
    | CoadaptationQuery
    | DataQuery
    | BoundaryQuery
    | FieldsQuery
    | ByHandQuery
    | SeriesQuery,
    Field(discriminator="kind"),
]
SIMPLE_QUERIES: tuple[type[Query], ...] = (
    WeightsQuery,
    GradientsQuery,
    UpdatesQuery,
    MomentsQuery,
    NeuronsQuery,
    CoadaptationQuery,
    DataQuery,
    BoundaryQuery,
    FieldsQuery,
    ByHandQuery,
)
QUERIES: tuple[type[Query], ...] = (*SIMPLE_QUERIES, SeriesQuery)


def simple_queries(*views: View) -> tuple[AnyQuery, ...]:
    """Return queries without options, each with the name of its kind as its id.

    Raises:
        KeyError: A kind that has options it cannot be without, as series have.
    """
    by_kind: dict[str, Any] = {query.model_fields["kind"].default: query for query in SIMPLE_QUERIES}
    return tuple(by_kind[view]() for view in views)


def _different_ids(queries: tuple[AnyQuery, ...]) -> tuple[AnyQuery, ...]:
    if len({query.id for query in queries}) != len(queries):
        raise ValueError("expected queries of different ids")
    return queries


Queries = Annotated[tuple[AnyQuery, ...], Field(max_length=MOST_QUERIES), AfterValidator(_different_ids)]
