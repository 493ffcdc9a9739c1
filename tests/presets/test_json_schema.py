"""The schema that editors check with, against the validator of another house and the reader of presets itself."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

import presets
from engine.spec import Spec
from presets.json_schema import json_schema
from presets.writer import dumps
from tests.presets.test_writer import specs
from tests.properties import examples

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def document(name: str = "breast-cancer") -> dict[str, Any]:
    return tomllib.loads(presets.find(name).read_text(encoding="utf-8"))


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_of_the_library_holds(name: str) -> None:
    VALIDATOR.validate(document(name))


@settings(max_examples=examples(60))
@given(specs())
def test_every_recipe_that_is_written_holds(spec: Spec) -> None:
    VALIDATOR.validate(tomllib.loads(dumps(spec)))


@pytest.mark.parametrize(
    "data",
    [
        {"source": "x.CSV", "target": "y", "drop": "date", "delimiter": "tab", "classes": ["a", "b"]},
        {"source": "/data/x.tsv", "target": ["a", "b"], "thousands": "comma", "missing": "mean"},
        {"source": "x.csv.gz", "target": "y", "encoding": "latin-1"},
        {"source": "x.npz", "size": "original", "layout": "channels-first"},
        {"source": "./pictures", "size": 32},
        {"source": "rows", "X": [[0.5], [1]], "y": [0, 1], "classes": ["a", "b"]},
    ],
)
def test_every_kind_of_data_holds(data: dict[str, Any]) -> None:
    VALIDATOR.validate(document() | {"data": data})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("training.optimzer", "adam"),
        ("training.optimizer", "adan"),
        ("training.epochs", -1),
        ("training.batch_size", "half"),
        ("network.layers.0.units", 0),
        ("network.layers.0.activation", "swish"),
        ("data.noise", 0.1),
        ("data.source", "irris"),
        ("data.source", "x.csv"),  # without a target
        ("card.kind", "lab"),
        ("trainin", {}),
    ],
)
def test_what_the_reader_refuses_it_refuses(path: str, value: Any) -> None:
    wrong = document()
    *tables, key = path.split(".")
    place: Any = wrong
    for table in tables:
        place = place[int(table)] if isinstance(place, list) else place[table]
    place[key] = value
    assert not VALIDATOR.is_valid(wrong)


def test_keys_are_described_and_may_be_left_out_as_in_a_file() -> None:
    definitions = SCHEMA["$defs"]
    assert definitions["TrainingSpec"]["properties"]["clip"]["description"].startswith("Largest norm of the whole")
    assert definitions["SpiralsCs231n"]["properties"]["seed"]["description"].startswith("Of the data alone")
    assert SCHEMA["required"] == ["data", "network", "training"]
    nameless = document()
    del nameless["name"]
    VALIDATOR.validate(nameless)
    assert "'type': 'null'" not in str(SCHEMA)
