"""The JSON Schema of a preset, by which editors complete and check a file while it is written.

pydantic makes it from the models that read presets. What it cannot know is added here: descriptions, which stand as
docstrings below the fields; the tables beside the recipe; what a source's path looks like; and that a list of texts may
be written as one text. TOML has no null, so keys that may be left out are only that.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from engine.spec import Spec
from engine.spec.sources.base import DataSource
from engine.spec.sources.files import ARRAYS, CSV, SUFFIXES, ArrayFile, CsvFile, ImageFolder
from presets.cards import Card
from presets.claims import Claim

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOUBLE_BACKTICKS = re.compile(r"``(.*?)``")
COMPRESSED = r"\.[gG][zZ]"
Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a preset's file."""
    schema: Schema = _without_null(Spec.model_json_schema())
    definitions = schema["$defs"]
    for beside in (Card, Claim):
        table = _without_null(beside.model_json_schema())
        definitions |= table.pop("$defs")
        definitions[beside.__name__] = table
    for model in _models(Spec, Card, Claim):
        definition = schema if model is Spec else definitions[model.__name__]
        _describe(definition, model)
        if issubclass(model, DataSource):
            _finish_source(definition, model)
        elif "kind" in definition["properties"] and model.__name__.endswith("Measure"):
            definition["required"] = sorted({"kind", *definition.get("required", [])})
    table = schema["properties"]["data"]
    table["anyOf"] = table.pop("oneOf")
    schema["properties"] |= {
        "card": {"$ref": "#/$defs/Card", "description": "What the recipe is for; it does not touch the numbers."},
        "claims": {
            "type": "array",
            "items": {"$ref": "#/$defs/Claim"},
            "description": "Figures that were published of it, each with how it is measured here.",
        },
    }
    schema["required"].remove("name")  # else its file's
    return {"$schema": DIALECT, "title": "tui-trainer preset", **{k: v for k, v in schema.items() if k != "title"}}


def _models(*roots: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield models, and those that their fields are made of."""
    waiting, seen = list(roots), set(roots)
    while waiting:
        model = waiting.pop()
        yield model
        models = {
            each for field in model.model_fields.values() for each in _models_in([field.annotation, field.metadata])
        }
        waiting += models - seen
        seen |= models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    parts = annotation if isinstance(annotation, list) else getattr(annotation, "__args__", ())
    for part in parts:
        yield from _models_in(part)


def _describe(definition: Schema, model: type[BaseModel]) -> None:
    """Add the docstrings of a model's fields, its own and those it inherits."""
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            for name, text in _docstrings(each).items():
                key = model.model_fields[name].alias or name if name in model.model_fields else name
                if key in definition.get("properties", {}):
                    definition["properties"][key]["description"] = text
    if "description" in definition:
        definition["description"] = _plain(definition["description"])


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return what stands below the fields in a model's source."""
    (statement,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = statement.body if isinstance(statement, ast.ClassDef) else []
    texts = {}
    for field, below in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    texts[field.target.id] = _plain(inspect.cleandoc(text))
    return texts


def _plain(text: str) -> str:
    """Return a docstring as editors show it: no double backticks, a paragraph a line."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    return DOUBLE_BACKTICKS.sub(r"`\1`", "\n\n".join(paragraphs))


def _finish_source(definition: Schema, model: type[DataSource]) -> None:
    """Say what names a source, and what its reader takes beside the field's own type."""
    source = definition["properties"]["source"]
    definition["required"] = sorted({"source", *definition.get("required", [])})
    source.pop("default", None)
    if issubclass(model, CsvFile | ArrayFile):
        tag = CSV if issubclass(model, CsvFile) else ARRAYS
        source["pattern"] = _ending([suffix for suffix, of_tag in SUFFIXES.items() if of_tag == tag])
    elif issubclass(model, ImageFolder):
        source["pattern"] = "/"
    for name in ("delimiter", "thousands", "decimal"):  # signs may be named: tab, comma
        if name in definition["properties"]:
            own = definition["properties"][name]
            definition["properties"][name] = {"type": "string", **{k: own[k] for k in ("description",) if k in own}}
    for entry in definition["properties"].values():
        if entry.get("type") == "array" and entry.get("items") == {"type": "string"}:
            entry["anyOf"] = [{"type": entry.pop("type"), "items": entry.pop("items")}, {"type": ["string", "number"]}]


def _ending(suffixes: list[str]) -> str:
    """Return the pattern of paths that end in one of these, in upper or lower case, compressed or not."""
    either = ("".join(f"[{c}{c.upper()}]" if c.isalpha() else re.escape(c) for c in suffix) for suffix in suffixes)
    return f"({'|'.join(either)})({COMPRESSED})?$"


def _without_null(schema: Any) -> Any:
    """Return a schema without null, which TOML has not, nor the titles that pydantic makes of keys."""
    if isinstance(schema, list):
        return [_without_null(entry) for entry in schema if entry != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _without_null(value)
        for key, value in schema.items()
        if not (key == "default" and value is None) and not (key == "title" and isinstance(value, str))
    }
    alternatives = kept.get("anyOf", [])
    return {**alternatives[0], **{k: v for k, v in kept.items() if k != "anyOf"}} if len(alternatives) == 1 else kept
