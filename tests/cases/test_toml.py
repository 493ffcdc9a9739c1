"""TOML as editors of Windows store it, and options as one types them."""

from __future__ import annotations

from pathlib import Path

import pytest

import presets
from tui_trainer import keymap, settings
from tui_trainer.cli.parameters import setting

RECIPE = """name = "mine"
[data]
source = "rows.csv"
target = "größe"
[network]
layers = [{units = 1, activation = "identity"}]
[training]
loss = "mse"
"""
ENCODINGS = ["utf-8-sig", "utf-16", "utf-8"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_recipe_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(RECIPE.encode(encoding))
    assert presets.load(path).model_dump()["data"]["target"] == "größe"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_settings_and_keys_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "settings.toml").write_bytes('vocabulary = "plain"\n'.encode(encoding))
    (tmp_path / "keys.toml").write_bytes("".encode(encoding))
    assert settings.load(tmp_path).settings.vocabulary == "plain"
    assert keymap.load(tmp_path)


@pytest.mark.parametrize(
    ("typed", "field", "right"),
    [
        ("data.drop=date", "drop", ("date",)),
        ("data.drop=2024", "drop", ("2024",)),
        ("data.missing_texts=NA", "missing_texts", ("NA",)),
        ("data.missing_texts=[]", "missing_texts", ()),
        ("data.delimiter=\\t", "delimiter", "\t"),
        ("data.delimiter=\t", "delimiter", "\t"),
        ("data.delimiter=tab", "delimiter", "\t"),
        ("data.delimiter=;", "delimiter", ";"),
        ("data.decimal=,", "decimal", ","),
        ("data.thousands=.", "thousands", "."),
        ("data.thousands=space", "thousands", " "),
        ("data.thousands=none", "thousands", ""),
        ("data.encoding=latin-1", "encoding", "latin-1"),
        ("data.header=false", "header", False),
    ],
)
def test_options_are_taken_as_one_types_them(tmp_path: Path, typed: str, field: str, right: object) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(RECIPE, encoding="utf-8")
    spec = presets.load(path, set=dict([setting(typed)]))
    assert getattr(spec.data, field) == right
