"""The union of sources: what a name or a path leads to, and what leads nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from engine.spec import data as sources
from engine.spec.data import Source
from engine.spec.sources.base import DataSource
from engine.spec.sources.bundled import BreastCancer
from engine.spec.sources.files import ArrayFile, CsvFile, ImageFolder
from engine.spec.sources.generators import CatsDogs, Lines

ADAPTER: TypeAdapter[Source] = TypeAdapter(Source)


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ({"source": "breast-cancer"}, BreastCancer),
        ({"source": "lines", "noise": 0.2}, Lines),
        ({"source": "people.csv", "target": "age"}, CsvFile),
        ({"source": "/somewhere/PEOPLE.CSV", "target": "age"}, CsvFile),
        ({"source": "x.npz"}, ArrayFile),
        ({"source": "x.h5"}, ArrayFile),
        ({"source": "x.hdf5"}, ArrayFile),
        ({"source": "./photos"}, ImageFolder),
        ({"source": "/somewhere/photos"}, ImageFolder),
        ({"source": "cats-dogs", "path": "photos"}, CatsDogs),
    ],
)
def test_a_name_or_an_ending_says_what_is_read(table: dict[str, Any], kind: type[DataSource]) -> None:
    source = ADAPTER.validate_python(table)
    assert type(source) is kind
    assert ADAPTER.validate_python(ADAPTER.dump_python(source, mode="json")) == source


def test_every_name_is_that_of_its_class() -> None:
    for kind, tag in sources.TAGS.items():
        literal = get_args(kind.model_fields["source"].annotation)
        assert not literal or literal == (tag.removeprefix("tag:"),)
    assert len(set(sources.TAGS.values())) == len(sources.TAGS)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"source": "spiral-repaired"}, "there is no source 'spiral-repaired'; expected one of spirals-repaired"),
        ({"source": "photos"}, "or a path: x.csv, x.npz, x.h5, ./folder"),
        ({"source": 7}, "source: expected a name or a path, got 7"),
        ({}, "source: this key is required"),
        ("lines", "expected a table with a source, got 'lines'"),
        ({"source": "lines", "colour": 1}, "colour"),
        ({"source": "x.csv"}, "target"),
    ],
)
def test_what_leads_nowhere_is_refused(table: Any, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        ADAPTER.validate_python(table)


def test_data_of_ones_own_takes_the_place_of_the_presets() -> None:
    path = Path("/somewhere/pictures")
    assert sources.table_from_path(CatsDogs(seed=3), path) == {**CatsDogs(seed=3).model_dump(), "path": path}
    assert sources.table_from_path(Lines(noise=0.1), Path("mine.csv")) == {"source": "mine.csv"}
    old = CsvFile(source=Path("old.csv"), target="age", missing="drop")
    assert sources.table_from_path(old, Path("new.csv")) == {**old.model_dump(), "source": "new.csv"}
    assert type(ADAPTER.validate_python(sources.table_from_path(Lines(), Path("pictures")))) is ImageFolder
