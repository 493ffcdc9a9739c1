from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from tui_trainer.app import TrainerApp
from tui_trainer.bindings import FIXED_KEYS, KEYS
from tui_trainer.keymap import FILE, load, remapped, textual_keymap

DEFAULTS = {key.id: key.keys for key in KEYS}


def keys_of(wishes: dict[str, Any]) -> dict[str, str]:
    """Return the keys that differ from the default."""
    return {key.id: key.keys for key in remapped(wishes, "keys.toml") if key.keys != DEFAULTS[key.id]}


def test_without_a_file_the_table_is_as_it_is(tmp_path: Path) -> None:
    assert load(tmp_path) == KEYS


def test_ids_can_be_written_with_points_or_as_tables(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('run.step = "m"\n"rate.up" = ["f6", "ctrl+k"]\n[preset]\nsave = "f7"\n')
    table = {key.id: key for key in load(tmp_path)}
    assert (table["run.step"].keys, table["run.step"].glyph) == ("m", "m")
    assert (table["rate.up"].keys, table["rate.up"].glyph) == ("f6,ctrl+k", "f6")
    assert table["preset.save"].keys == "f7"


@pytest.mark.parametrize(
    ("wish", "keys", "glyph"),
    [
        ("m", "m", "m"),
        (";", "semicolon", ";"),
        ("é", "é", "é"),
        ("f5", "f5", "f5"),
        ("home", "home", "home"),
        ("ctrl+k", "ctrl+k", "ctrl+k"),
        ("semicolon", "semicolon", ";"),
    ],
)
def test_keys_by_their_character_or_their_name(wish: str, keys: str, glyph: str) -> None:
    key = next(key for key in remapped({"preset.save": wish}, "keys.toml") if key.id == "preset.save")
    assert (key.keys, key.glyph) == (keys, glyph)


def test_keys_can_be_swapped() -> None:
    assert keys_of({"run.step": "N", "run.epoch": "n"}) == {"run.step": "N", "run.epoch": "n"}


@pytest.mark.parametrize(
    ("wishes", "complaint"),
    [
        ({"run.stepp": "m"}, r"run\.stepp: there is no such action; did you mean run\.step"),
        ({"nonsense\x1b": "m"}, "there is no such action$"),
        ({"run.step": "hyper+m"}, "is no key"),
        ({"run.step": "wat"}, "'wat' is no key"),
        ({"run.step": ""}, "is no key"),
        ({"run.step": "ctrl+c"}, r"ctrl\+c means something else"),
        ({"run.step": "tab"}, "tab means something else"),
        ({"run.step": 3}, "expected a key or a list of keys"),
        ({"run.step": []}, "expected a key or a list of keys"),
        ({"run.step": [1]}, "expected a key or a list of keys"),
        ({"run.step": "N"}, "run.epoch and run.step both have the key N"),
        ({"run.step": "m", "run.epoch": "m"}, "run.epoch and run.step both have the key m"),
        ({"run.step": "["}, r"rate.down and run.step both have the key \["),
        ({"heatmap.left": "n"}, "heatmap.left and run.step both have the key n"),
        ({"runs.mark": "s"}, "runs.mark and runs.stop both have the key s"),
    ],
)
def test_what_cannot_be_followed_is_one_clear_line(wishes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as raised:
        remapped(wishes, "keys.toml")
    assert str(raised.value).startswith("keys.toml: ")
    assert "\n" not in str(raised.value)
    assert "\x1b" not in str(raised.value)


def test_no_action_gets_a_key_that_the_app_hears_first() -> None:
    heard = {key for binding in TrainerApp.BINDINGS for key in binding.key.split(",")}
    for key in {*heard, TrainerApp.COMMAND_PALETTE_BINDING, *(name for name, _ in FIXED_KEYS)}:
        with pytest.raises(InputError, match="means something else"):
            remapped({"run.step": key}, "keys.toml")


@pytest.mark.parametrize(
    "wishes", [{"runs.stop": "b"}, {"heatmap.left": "d"}, {"dials.up": "k", "heatmap.up": "k"}, {"run.pause": "p"}]
)
def test_what_never_meets_may_share_a_key(wishes: dict[str, Any]) -> None:
    assert set(keys_of(wishes)) == set(wishes)


@pytest.mark.parametrize("text", ["run.step =", 'run.step = "m"\nrun.step = "k"'])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=r"keys\.toml: expected TOML"):
        load(tmp_path)


def test_only_what_differs_is_told_to_textual_and_what_shares_its_keys() -> None:
    assert textual_keymap(KEYS) == {}
    assert textual_keymap(remapped({"run.reseed": "m"}, "x")) == {"run.reseed": "m"}
    assert textual_keymap(remapped({"run.pause": "f6"}, "x")) == {
        "run.pause": "f6",
        "run.resume": "space",
        "by_hand.pause": "space",
        "by_hand.resume": "space",
        "runs.select": "space",
        "setup.raise": "right,space",
        "setup.take": "space",
    }


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.text(max_size=12), max_size=4))
def test_any_wish_is_followed_or_refused(wishes: dict[str, str]) -> None:
    try:
        table = remapped(wishes, "keys.toml")
    except InputError:
        return
    assert [key.id for key in table] == [key.id for key in KEYS]
    assert all(key.glyph.isprintable() for key in table)
