"""Files and folders of the user's own, and how their endings say what they are."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, Tag, model_validator

from engine.errors import sanitize
from engine.spec.sources.base import DataSource, ImageSize, Targets, Task, Texts
from engine.strict_model import key_error


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
Delimiter = Annotated[str, BeforeValidator(_named_sign), Field(pattern=r'^[^"\r\n]$')]
ThousandsSign = Annotated[Literal["", ",", ".", " ", "'"], BeforeValidator(_named_sign)]
Encoding = Annotated[str, AfterValidator(_known_encoding)]


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
    day_first: bool | None = None
    """Whether 01/02/2024 is the first of February, as against the second of January; asked for where both can be."""
    booleans: Texts = ()
    """Columns of two answers, as true and false, yes and no, each of which is one input: 1 for the affirmative."""
    missing: Literal["refuse", "drop", "mean"] = "refuse"
    """What becomes of a row with a missing value: an error, left out, or filled in with the training rows' mean.

    Where the target itself is missing, a row is left out under ``mean`` as well.
    """
    delimiter: Delimiter | None = None
    """What stands between two cells; a comma where nothing is said, a tab in ``.tsv`` files. Of blanks any number."""
    validation_file: Path | None = None
    """Rows to validate on, in a file with the same columns."""
    test_file: Path | None = None
    """Rows of the exam, in a file with the same columns."""
    header: bool = True
    """Whether the first row names the columns; else they are ``column 1``, ``column 2`` and so on."""
    names: Texts = ()
    """Names of the columns in place of the file's, one for each."""
    skip: Annotated[int, Field(ge=0, le=1000)] = 0
    """Lines above the table that are no part of it: a title, remarks."""
    encoding: Encoding | None = None
    """How the file's characters are stored; where nothing is said UTF-8, or what a byte order mark says."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign; where nothing is said, each column's own shows it."""
    thousands: ThousandsSign | None = None
    """The sign between thousands, "" for none; where nothing is said, each column's own shows it."""
    ignore_case: bool = False
    """Whether texts that differ in upper and lower case alone are one: all are read in lower case."""
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
    K classes as one 1 among zeros. Case does not matter; ``images``, ``data`` or ``features`` and ``labels`` or
    ``target`` will do as well, and what ``np.savez(path, X, y)`` writes. A ``.npy`` file holds ``X`` alone, its
    labels are in a file of their own.
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
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt", ".data", ".dat", ".parquet"), CSV),
    **dict.fromkeys((".npz", ".npy", ".h5", ".hdf5"), ARRAYS),
}


def data_suffix(path: str | os.PathLike[str]) -> str:
    """Return the ending that tells how a file is read, in lower case: ``.csv`` of ``X.csv`` and of ``x.csv.gz``."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes[-2:]]
    return suffixes[0] if suffixes[1:] == [".gz"] and suffixes[0] != ".parquet" else "".join(suffixes[-1:])


FileSource = Annotated[CsvFile, Tag(CSV)] | Annotated[ArrayFile, Tag(ARRAYS)] | Annotated[ImageFolder, Tag(FOLDER)]
"""Each with the tag by which the union of all sources is told apart."""
