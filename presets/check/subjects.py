"""What there is to check: presets, labs, and single cases, by name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

import presets
from engine.errors import InputError, nearest, sanitize
from presets import labs
from presets.check.runner import Subject
from presets.claims import lab_claims
from presets.loader import LIBRARY


def subjects(names: Sequence[str] = ()) -> list[Subject]:
    """Return what is named, each once; without names all presets of the library and all labs that have claims.

    A name is a preset's, a lab's, the path of a preset's file, or that of a case, whose claims alone are then checked.

    Raises:
        InputError: There is nothing of a name.
    """
    everything = list(_everything())
    if not names:
        return [subject for subject in everything if subject.claims]
    return [subject for name in dict.fromkeys(names) for subject in _named(name, everything)]


def _everything() -> Iterator[Subject]:
    for path in sorted(LIBRARY.glob("*.toml")):
        yield Subject(path.stem, presets.read(path).claims)
    for name in labs.names():
        yield Subject(name, lab_claims(name))


def _named(name: str, everything: Sequence[Subject]) -> list[Subject]:
    matching = [subject for subject in everything if subject.name == name]
    matching = matching or [_of_case(subject, name) for subject in everything if _of_case(subject, name).claims]
    if matching:
        return matching
    if os.sep in name or name.endswith(".toml") or name in presets.names():
        preset = presets.read(name)
        return [Subject(name, preset.claims, str(preset.path))]
    subject_names = {subject.name for subject in everything}
    cases = {claim.case for subject in everything for claim in subject.claims}
    near = nearest(name, sorted(subject_names | cases)) or "; tui-trainer presets and tui-trainer lab list them"
    raise InputError(f"there is no preset, lab or case {sanitize(repr(name), 60)}{near}")


def _of_case(subject: Subject, case: str) -> Subject:
    """Return a subject with the claims of one case; ``R03`` is that of ``R03_forward``."""
    kept = tuple(claim for claim in subject.claims if claim.case == case or claim.case.startswith(f"{case}_"))
    return replace(subject, claims=kept)
