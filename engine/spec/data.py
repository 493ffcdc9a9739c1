"""Where rows come from: every source that ``[data] source`` may name, as one tagged union of frozen models.

A source's fields are the options of the preset's ``[data]`` table; they are declared here without anything that reads,
so that a recipe can be shown where its data is not. To add a source, write its model here, list it in ``Source``, and
write its loader as ``engine.data.registry`` says. What is no name is a file or a folder: its ending says how it is
read.
"""

from __future__ import annotations

import codecs
import difflib
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    Tag,
    model_serializer,
    model_validator,
)

from engine.errors import nearest, sanitize
from engine.spec import expressions
from engine.strict_model import StrictModel, key_error

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Samples = Annotated[int, Field(ge=1, le=1_000_000)]
PairedSamples = Annotated[int, Field(ge=2, le=1_000_000)]
Noise = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=2, le=20_000)]
ImageSize = Annotated[int, Field(ge=1, le=1024)] | Literal["original"]
Task = Literal["auto", "classification", "regression"]


def _as_texts(value: Any) -> Any:
    """Take one text, or number, for a list of one, as ``--set data.drop=date`` has it."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return (str(value),)
    return value


def _as_formulas(value: Any) -> Any:
    """Take one text for the formulas between its commas, as ``--set data.derived=x1^2,x2^2`` has it."""
    return expressions.split(value) if isinstance(value, str) else value


def _checked_formula(text: str) -> str:
    expressions.parse(text)
    return text.strip()


def _all_different(texts: tuple[str, ...]) -> tuple[str, ...]:
    for index, text in enumerate(texts):
        if text in texts[:index]:
            raise ValueError(f"expected different formulas, got {sanitize(text, 60)} twice")
    return texts


def _named_sign(value: Any) -> Any:
    """Take a sign by its name, where a command line makes the sign itself hard to type."""
    return SIGNS.get(value.lower(), value) if isinstance(value, str) else value


def _known_encoding(name: str) -> str:
    try:
        is_text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 - else base64 were an encoding of texts
        "".encode(name)
    except (LookupError, ValueError):
        is_text = False
    if not is_text:
        raise ValueError(f"expected an encoding, such as utf-8, cp1252 or utf-16, got {sanitize(name, 40)!r}")
    return name


SIGNS = {"\\t": "\t", "tab": "\t", "space": " ", "comma": ",", "point": ".", "dot": ".", "semicolon": ";"}
SIGNS |= {"apostrophe": "'", "none": ""}
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
Formulas = Annotated[
    tuple[Annotated[str, AfterValidator(_checked_formula)], ...],
    BeforeValidator(_as_formulas),
    AfterValidator(_all_different),
    Field(max_length=64),
]
Targets = str | Annotated[tuple[str, ...], Field(min_length=1)]
Delimiter = Annotated[str, BeforeValidator(_named_sign), Field(pattern=r'^[^"\r\n]$')]
ThousandsSign = Annotated[Literal["", ",", ".", " ", "'"], BeforeValidator(_named_sign)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]


class DataSource(StrictModel):
    """Base of all sources: the ``[data]`` table of a preset, its options the fields of the subclass.

    A field of type ``Path`` is a file of the user's; whoever reads the preset makes it absolute.
    """

    derived: Formulas = ()
    """Columns made of the others, raw values before scaling: "x1^2", "x1*x2", "sin(x1)", or by name "area/perimeter".

    Names that are no single word stand in quotes, as in '"mean radius"^2'; x1, x2 … are the columns by their number.
    There are + - * / ^, brackets, sin, cos, tan, tanh, exp, log, sqrt and abs."""

    @model_serializer(mode="wrap")
    def _source_first(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write the source's own options first, and what all sources have after them."""
        table: dict[str, Any] = write(self)
        if "derived" in table:
            table["derived"] = table.pop("derived")
        return table

    @model_validator(mode="after")
    def _has_paths_in_unicode(self) -> Self:
        for name, value in self:
            try:
                str(value if isinstance(value, Path) else "").encode()
            except UnicodeEncodeError:
                raise key_error(f"{name}: expected a path in UTF-8, got {sanitize(value, 80)}; rename it") from None
        return self


class BreastCancer(DataSource):
    """Breast Cancer Wisconsin (Diagnostic): 569 cases, 30 measurements of cell nuclei, 1 = malignant.

    scikit-learn has 1 = benign; the tutorials have 1 = malignant, the class to be found.
    """

    source: Literal["breast-cancer"] = "breast-cancer"


class Iris(DataSource):
    """Fisher's iris: 150 flowers, 4 measurements in cm, 3 species of 50 each."""

    source: Literal["iris"] = "iris"


class Wine(DataSource):
    """Wine recognition: 178 wines, 13 chemical measurements, 3 cultivars."""

    source: Literal["wine"] = "wine"


class Digits(DataSource):
    """Handwritten digits: 1797 pictures of 8×8 pixels from 0 to 16, 10 classes."""

    source: Literal["digits"] = "digits"


class Diabetes(DataSource):
    """Diabetes: 442 patients, 10 measurements, and the progression of the disease a year on (25 to 346).

    In the units they were measured in: scikit-learn's own default has them scaled on all rows, exam included.
    """

    source: Literal["diabetes"] = "diabetes"


class Rows(DataSource):
    """Rows as they stand in the preset, a handful to follow by hand: ``X = [[0.5], [0.8]]``, ``y = [1, 0]``."""

    source: Literal["rows"] = "rows"
    X: Annotated[tuple[Annotated[tuple[Number, ...], Field(min_length=1)], ...], Field(min_length=1)]
    y: tuple[Number, ...]
    """One target a row: a class number where ``classes`` are named, else a value."""
    features: tuple[str, ...] = ()
    """Names of the columns."""
    classes: tuple[str, ...] = ()
    """Names of the classes, by class number; empty for values."""
    note: str = ""
    """What the reader should know of these rows."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        columns = len(self.X[0])
        for number, row in enumerate(self.X):
            if len(row) != columns:
                raise ValueError(f"X.{number}: expected {columns} numbers as in the first row, got {len(row)}")
        if len(self.y) != len(self.X):
            raise ValueError(f"y: expected one target for each of the {len(self.X)} rows, got {len(self.y)}")
        if self.features and len(self.features) != columns:
            raise ValueError(f"features: expected {columns} names, got {len(self.features)}")
        numbers = range(len(self.classes))
        if self.classes and any(target not in numbers for target in self.y):
            raise ValueError(f"y: expected class numbers from 0 to {len(self.classes) - 1}")
        return self


class Generator(DataSource):
    """Base of the sources that draw points and their classes."""

    samples: Samples = 200
    """Rows in all."""
    seed: Seed = 0
    """Of the data alone; the network's own seed is ``training.seed``."""


class Lines(Generator):
    """Pictures of 3×3 pixels with one vertical (1) or horizontal (0) line; AgenticWorks, Part 5.

    Half of them vertical, then shuffled. The six distinct lines are not linearly separable.
    """

    source: Literal["lines"] = "lines"
    samples: Samples = 100
    noise: Noise = 0.0
    """Standard deviation of what is added to each pixel, before clipping to 0 … 1."""
    seed: Seed = 42
    canonical_exam: bool = False
    """Add the two lines through the middle as the test part, as the tutorial does after training."""


class Plants(Generator):
    """Two clouds of leaves, toxic (1) or not (0): scikit-learn's ``make_blobs`` as it comes; WTFunk, practice 00."""

    source: Literal["plants"] = "plants"
    samples: Samples = 100


class Blobs(Generator):
    """Round clouds of points, one a class, around centres drawn from [−10, 10]²."""

    source: Literal["blobs"] = "blobs"
    centers: Annotated[int, Field(ge=2, le=100)] = 2
    """Clouds, and so classes."""
    cluster_std: Noise = 1.0
    """Standard deviation of each cloud."""


class Circles(Generator):
    """Two rings around the origin, the inner one is class 1."""

    source: Literal["circles"] = "circles"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""
    factor: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Radius of the inner ring; the outer one's is 1."""


class Moons(Generator):
    """Two interleaved half circles, the lower one is class 1."""

    source: Literal["moons"] = "moons"
    samples: Samples = 100
    noise: Noise = 0.1
    """Standard deviation of what is added to each coordinate."""


class Xor(Generator):
    """The corners of a square, class 1 where exactly one coordinate is 1; with noise, clouds around them."""

    source: Literal["xor"] = "xor"
    samples: Samples = 4
    noise: Noise = 0.0
    """Standard deviation of what is added to each coordinate."""


class Spirals(Generator):
    """Base of the spirals: ``samples`` // 2 points of class 0, then as many of class 1."""

    samples: PairedSamples = 200
    """Rows in all, of which an odd one is left out."""
    noise: Noise


class SpiralsAsPublished(Spirals):
    """Architect's Lens 0A, section 8, with its mistake: both spirals lie on the same curve."""

    source: Literal["spirals-as-published"] = "spirals-as-published"
    samples: PairedSamples = 500
    noise: Noise = 0.1
    """Standard deviation of what is added to each angle, in radians."""
    seed: Seed = 42


class SpiralsRepaired(Spirals):
    """The spirals of Architect's Lens 0A without the mistake; drawn in the same order, from the same stream."""

    source: Literal["spirals-repaired"] = "spirals-repaired"
    samples: PairedSamples = 500
    noise: Noise = 0.1
    """Standard deviation of what is added to each angle, in radians."""
    seed: Seed = 42


class SpiralsCs231n(Spirals):
    """Arms of 4 radians inside the unit circle, as in Stanford's CS231n notes."""

    source: Literal["spirals-cs231n"] = "spirals-cs231n"
    noise: Noise = 0.2
    """Standard deviation of what is added to each angle, in radians."""


class SpiralsSqrt780(Spirals):
    """Arms of 780 degrees, evenly filled, radius and angle the same number; the second mirrors the first."""

    source: Literal["spirals-sqrt780"] = "spirals-sqrt780"
    noise: Noise = 0.5
    """Width of what is added to each coordinate, evenly from 0 on."""


class Spirals2ThetaPi(Spirals):
    """Arms of one turn, evenly filled, radius 2θ + π; the second mirrors the first, with noise of its own."""

    source: Literal["spirals-2theta-pi"] = "spirals-2theta-pi"
    noise: Noise = 1.0
    """Standard deviation of what is added to each coordinate."""


class Spirals2TurnUnit(Spirals):
    """Two turns inside the unit circle, the second spiral half a turn on."""

    source: Literal["spirals-2turn-unit"] = "spirals-2turn-unit"
    noise: Noise = 0.05
    """Standard deviation of what is added to each angle, in radians."""


class CatsDogs(DataSource):
    """Grey pictures of 64×64 pixels from 0 to 255, the user's own or else drawn faces; 0 = cat, 1 = dog."""

    source: Literal["cats-dogs"] = "cats-dogs"
    path: Path | None = None
    """The user's own pictures: a folder with a folder for each class, a ``.npz`` or a ``.h5`` file."""
    train: Count = 1000
    """Drawn pictures to learn from, half of them cats."""
    test: Count = 200
    """Drawn pictures to be graded on, half of them cats."""
    held_out: Literal["test", "validation"] = "test"
    """The part that the held out pictures are. The tutorial looks at them all along, which makes them validation."""
    seed: Seed = 0
    """Of the drawing."""
    version: Literal[1, 2] = 1
    """Of the drawn pictures. 1: each shows another animal. 2: those to learn from are films of few animals, 25 pictures
    of each in its place, which can be learnt by heart; those to be graded on show animals never seen."""


class CsvFile(DataSource):
    """A file of comma-separated values whose first row names the columns, ``.csv.gz`` too; or a Parquet file.

    Columns of numbers are inputs as they are, columns of texts one input for each category. ``?``, ``NA``, ``N/A``,
    ``NaN``, ``null`` and nothing at all stand for a missing value.
    """

    source: Path
    """The file; with ``test_file``, its training rows."""
    target: Annotated[Targets, Field(examples=["price"])]
    """The column to predict; several are values, each of which has an output of its own."""
    weight: str | None = None
    """The column of how much each row counts in the losses of training and validation, a number from 0 on; it is no
    input. Weights are divided by the mean of their part; accuracy and the exam count all rows alike."""
    task: Task = "auto"
    """``auto`` takes text and up to 20 different whole numbers for classes, other numbers for values."""
    classes: Texts = ()
    """The labels in the order of their class numbers; those in the file, in alphabetical order, where this is empty."""
    drop: Texts = ()
    """Columns to leave out, such as a row's number."""
    categorical: Texts = ()
    """Columns of categories that look like numbers."""
    dates: Texts = ()
    """Columns of dates, each of which is one number: days since the beginning of 1970."""
    booleans: Texts = ()
    """Columns of two answers, as true and false, yes and no, each of which is one input: 1 for the affirmative."""
    missing: Literal["refuse", "drop", "mean"] = "refuse"
    """What becomes of a row with a missing value: an error, left out, or filled in with the training rows' mean.

    Where the target itself is missing, a row is left out under ``mean`` as well.
    """
    delimiter: Delimiter | None = None
    """What stands between two cells; a comma where nothing is said, a tab in ``.tsv`` files."""
    validation_file: Path | None = None
    """Rows to validate on, in a file with the same columns."""
    test_file: Path | None = None
    """Rows of the exam, in a file with the same columns."""
    header: bool = True
    """Whether the first row names the columns; else they are ``column 1``, ``column 2`` and so on."""
    encoding: Encoding | None = None
    """How the file's characters are stored; where nothing is said UTF-8, or what a byte order mark says."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign; where nothing is said, each column's own shows it."""
    thousands: ThousandsSign | None = None
    """The sign between thousands, "" for none; where nothing is said, each column's own shows it."""
    missing_texts: Texts = ("?", "NA", "N/A", "NaN", "null")
    """Texts that stand for a missing value, in upper or lower case, as an empty cell always does."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns to predict."""
        return (self.target,) if isinstance(self.target, str) else self.target

    @model_validator(mode="after")
    def _weighs_by_another_column(self) -> Self:
        if self.weight is not None and self.weight in self.targets:
            raise key_error(f"weight: expected another column than the target (got {sanitize(self.weight, 60)})")
        return self

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that are no inputs, and of which no cell can be filled in: the targets, and the weight."""
        return self.targets if self.weight is None else (*self.targets, self.weight)

    @property
    def separator(self) -> str:
        """The delimiter, where nothing is said the one that the file's ending implies."""
        return self.delimiter or ("\t" if data_suffix(self.source) in {".tsv", ".tab"} else ",")


class ArrayFile(DataSource):
    """A ``.npz`` or ``.h5`` file with the arrays ``X`` and ``y``, or ``X_train``, ``y_train``, ``X_test``, ``y_test``.

    ``X`` holds rows (N, n), grey pictures (N, height, width), or pictures with channels (N, height, width, channels) or
    (N, channels, height, width), which are made grey; ``y`` the N labels or values, (N, K) for K values a row, or for
    K classes as one 1 among zeros. Case does not matter; ``images``
    and ``labels`` will do as well. A ``.npy`` file holds ``X`` alone, its labels are in a file of their own.
    """

    source: Path
    """The file."""
    test_file: Path | None = None
    """The rows of the exam, where they are in a file of their own."""
    size: ImageSize = "original"
    """Pixels on each side that pictures are resized to."""
    task: Task = "auto"
    """``auto`` takes text and up to 20 different whole numbers for classes, other numbers for values."""
    classes: Texts = ()
    """Names for the classes, in the order of the labels; or the labels themselves, in the order of the classes."""
    layout: Literal["auto", "channels-first", "channels-last"] = "auto"
    """Where the channels of pictures are; ``auto`` sees it where one place alone has 1 to 4 of them."""
    labels_file: Path | None = None
    """The labels of a ``.npy`` file."""
    test_labels_file: Path | None = None
    """The labels of a ``.npy`` file of the exam."""


class ImageFolder(DataSource):
    """A folder of pictures: ``cats/1.jpg``, ``dogs/7.png``; or, divided already, ``train/cats/1.jpg`` and so on.

    Each picture is made grey, from 0 to 255, and square. Class numbers go by the names' alphabetical order.
    """

    source: Annotated[Path, PlainSerializer(lambda path: os.path.join(os.curdir, path))]  # noqa: PTH118 - Path drops ./
    """The folder; as an option it must hold a ``/``, to be told from the name of a source."""
    size: ImageSize = 64
    """Pixels on each side, or "original" where all pictures are of one size already."""


CSV, ARRAYS, FOLDER = "tag:/csv", "tag:/arrays", "tag:/folder"
"""Tags of what is read from a path; no name of a source has a slash in it."""
SUFFIXES = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".parquet"), CSV),
    **dict.fromkeys((".npz", ".npy", ".h5", ".hdf5"), ARRAYS),
}


def data_suffix(path: str | os.PathLike[str]) -> str:
    """Return the ending that tells how a file is read, in lower case: ``.csv`` of ``X.csv`` and of ``x.csv.gz``."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    return suffixes[0] if suffixes[1:] == [".gz"] and suffixes[0] != ".parquet" else "".join(suffixes[-1:])


def _tag(value: Any) -> str:
    """Return the tag of the source that a ``[data]`` table, or a source itself, is of."""
    if isinstance(value, DataSource):
        return TAGS[type(value)]
    text = os.fspath(value["source"])
    if data_suffix(text) in SUFFIXES:
        return SUFFIXES[data_suffix(text)]
    return FOLDER if os.sep in text else f"tag:{text}"


def _check_source(value: Any) -> Any:
    if isinstance(value, DataSource):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"expected a table with a source, got {sanitize(repr(value), 60)}")
    if "source" not in value:
        for key in map(str, value):
            if near := nearest(key, ["source"]):
                raise key_error(f"{sanitize(key, 60)}: unknown key{near}")
        raise key_error(
            'source: this key is required, as in source = "iris", or source = "x.csv" with target = "price"'
        )
    source = value["source"]
    if not isinstance(source, str | os.PathLike):
        raise key_error(f"source: expected a name or a path, got {sanitize(repr(source), 60)}")
    if _tag(value) not in TAGS.values():
        close = difflib.get_close_matches(os.fspath(source), source_names(), n=3) or source_names()
        raise key_error(
            f"source: there is no source {sanitize(repr(os.fspath(source)), 60)}; expected one of {', '.join(close)}, "
            "or a path: x.csv, x.npz, x.h5, ./folder"
        )
    return value


Source = Annotated[
    Annotated[BreastCancer, Tag("tag:breast-cancer")]
    | Annotated[Iris, Tag("tag:iris")]
    | Annotated[Wine, Tag("tag:wine")]
    | Annotated[Digits, Tag("tag:digits")]
    | Annotated[Diabetes, Tag("tag:diabetes")]
    | Annotated[Rows, Tag("tag:rows")]
    | Annotated[Lines, Tag("tag:lines")]
    | Annotated[Plants, Tag("tag:plants")]
    | Annotated[Blobs, Tag("tag:blobs")]
    | Annotated[Circles, Tag("tag:circles")]
    | Annotated[Moons, Tag("tag:moons")]
    | Annotated[Xor, Tag("tag:xor")]
    | Annotated[SpiralsAsPublished, Tag("tag:spirals-as-published")]
    | Annotated[SpiralsRepaired, Tag("tag:spirals-repaired")]
    | Annotated[SpiralsCs231n, Tag("tag:spirals-cs231n")]
    | Annotated[SpiralsSqrt780, Tag("tag:spirals-sqrt780")]
    | Annotated[Spirals2ThetaPi, Tag("tag:spirals-2theta-pi")]
    | Annotated[Spirals2TurnUnit, Tag("tag:spirals-2turn-unit")]
    | Annotated[CatsDogs, Tag("tag:cats-dogs")]
    | Annotated[CsvFile, Tag(CSV)]
    | Annotated[ArrayFile, Tag(ARRAYS)]
    | Annotated[ImageFolder, Tag(FOLDER)],
    Discriminator(_tag),
    BeforeValidator(_check_source),
]

TAGS: dict[type[DataSource], str] = {
    get_args(member)[0]: member.__metadata__[0].tag for member in get_args(get_args(Source)[0])
}


def source_names() -> list[str]:
    """Return the names that ``source`` takes, apart from paths."""
    return [tag.removeprefix("tag:") for tag in TAGS.values() if tag not in SUFFIXES.values() and tag != FOLDER]


def replace_source(table: dict[str, Any], source: Any) -> dict[str, Any]:
    """Return a ``[data]`` table with another source; its options stay where that is of the same kind."""
    new = {"source": source}
    return {**table, **new} if not isinstance(source, str) or _tag(new) == _tag(table) else new


def table_from_path(source: Source, path: Path) -> dict[str, Any]:
    """Return the ``[data]`` table that takes its rows from ``path`` in place of ``source`` (``--data PATH``).

    Cats and dogs take pictures in any form; a file of the same kind keeps the other options; any other table is new.
    """
    if isinstance(source, CatsDogs):
        return {**source.model_dump(), "path": path}
    here = path if data_suffix(path) in SUFFIXES else path.absolute()
    return replace_source(source.model_dump(), os.fspath(here))
