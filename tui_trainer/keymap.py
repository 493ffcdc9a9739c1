"""Keys of one's own: ``keys.toml`` in the folder of the settings maps the ids of bindings to keys.

run.step = "m"
"rate.up" = ["k", "ctrl+k"]
help = "f1"
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from textual.binding import Binding
from textual.keys import Keys, format_key, key_to_character

from engine.errors import InputError, sanitize
from tui_trainer.bindings import FIXED_KEYS, FOREIGN, GLYPHS, KEYS, SCREENS, Key, Owner
from tui_trainer.settings import read_toml

FILE: Final = "keys.toml"
MODIFIERS: Final = {"ctrl", "shift", "alt"}
TAKEN: Final = {"shift+tab", "ctrl+q", "ctrl+c", *(name for name, _ in FIXED_KEYS)}
"""Keys that mean the same everywhere."""

_CHARACTERS: Final = {" ": "space", ",": "comma", "+": "plus"}
"""Characters that mean something else in Textual's lists of keys."""

_NAMES: Final = {key.value for key in Keys}


def load(folder: Path) -> tuple[Key, ...]:
    """Return the table of keys with those of the folder's ``keys.toml``, if there is one.

    Raises:
        InputError: It is not TOML, or names an unknown id, an unknown key, or one that
            means something else already.
    """
    path = folder / FILE
    document = read_toml(path)
    return KEYS if document is None else remapped(dict(_flat(document)), sanitize(path))


def remapped(wishes: Mapping[str, Any], where: str) -> tuple[Key, ...]:
    """Return the table of keys with other keys for some ids; ``where`` is what errors begin with.

    Raises:
        InputError: See ``load``.
    """
    action_ids = {key.id for key in KEYS}
    for key_id in wishes:
        if key_id not in action_ids:
            close = get_close_matches(key_id, action_ids, n=2)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InputError(f"{where}: {sanitize(key_id, 60)}: there is no such action{hint}")
    table = tuple(_with_keys(key, wishes[key.id], where) if key.id in wishes else key for key in KEYS)
    _refuse_clashes(table, where)
    return table


def textual_keymap(table: Sequence[Key]) -> dict[str, str]:
    """Return the table as ``App.set_keymap`` takes it: what differs from the default.

    With it go those who share a key with a remapped one, which Textual would take away from both.
    """
    moved = {own.id for own, key in zip(table, KEYS, strict=True) if own.keys != key.keys}
    lost = {key: names for key, names in _users(KEYS).items() if names & moved}
    return {key.id: key.keys for key in table if key.id in moved or any(key.id in names for names in lost.values())}


def _flat(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield ids and values; ``rate.up = "k"`` is a table in a table to TOML."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _with_keys(key: Key, wish: Any, where: str) -> Key:
    wishes = [wish] if isinstance(wish, str) else wish
    if not isinstance(wishes, list) or not wishes or not all(isinstance(name, str) for name in wishes):
        raise InputError(f'{where}: {key.id}: expected a key or a list of keys, as in "k" or ["k", "ctrl+k"]')
    names = [_key_name(name, f"{where}: {key.id}") for name in wishes]
    return replace(key, keys=",".join(names), glyph=_glyph(names[0]))


def _glyph(name: str) -> str:
    """Return a key as it is shown, in the way of the table."""
    return GLYPHS.get(name) or format_key(name)


def _key_name(text: str, where: str) -> str:
    """Return Textual's name of a key."""
    *modifiers, last = text.split("+") if len(text) > 1 else [text]
    name = _CHARACTERS.get(last, last)
    if name == last and len(last) == 1 and last.isprintable():
        name = next(iter(Binding.make_bindings([Binding(last, "")]))).key
    full = "+".join([*modifiers, name])
    if not set(modifiers) <= MODIFIERS or (full not in _NAMES and name not in _NAMES and not _is_printable(name)):
        raise InputError(
            f"{where}: {sanitize(repr(text), 40)} is no key; expected one as in k, K, [, f5, space, ctrl+k"
        )
    if full in TAKEN:
        raise InputError(f"{where}: {full} means something else everywhere; choose another key")
    return full


def _is_printable(name: str) -> bool:
    character = key_to_character(name)
    return character is not None and character.isprintable()


def _refuse_clashes(table: Sequence[Key], where: str) -> None:
    default_clashes, clashes = _clashing(KEYS), _clashing(table)
    for pair, name in clashes.items():
        if pair not in default_clashes:
            first, second = sorted(pair)
            raise InputError(f"{where}: {first} and {second} both have the key {_glyph(name)}; give one another key")


def _clashing(table: Sequence[Key]) -> dict[frozenset[str], str]:
    """Return the pairs of actions, by their ids, that one key would do at the same time and place."""
    owners = {key.id: key.owner for key in table}
    return {
        frozenset(pair): name
        for name, ids in _users(table).items()
        for pair in combinations(sorted(ids), 2)
        if _meet(*(owners[key_id] for key_id in pair))
    }


def _users(table: Sequence[Key]) -> dict[str, set[str]]:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for key in table:
        for name in key.keys.split(","):
            users[name].add(key.id)
    return users


def _meet(first: Owner, second: Owner) -> bool:
    """Return whether the keys of two owners can be at work at the same time."""
    if first == second or SCREENS.get(first) == second or SCREENS.get(second) == first:
        return True
    return "dashboard" in {first, second} and not {first, second} & FOREIGN
