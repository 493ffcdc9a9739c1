"""Changes of a run in a few words, for the log, the header and the markers of the charts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from engine.declarations.optimizers import HYPERPARAMETERS
from engine.errors import sanitize
from engine.run.changes import Change, EditNetwork, SetPace
from tui_trainer.formatting import plain
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.view_models.dials import LEARNING_RATE, SCHEDULE, Dial
from tui_trainer.view_models.edits import caption

MOST_IN_A_CHAIN = 4
"""Values of a dial that one line names: the first, the last, and those between."""
_SHORT_NAMES = {LEARNING_RATE: "lr", "training.batch_size": "batch", "training.optimizer": "optimiser"}
_SHORT_NAMES |= {SCHEDULE: "schedule", "training.label_smoothing": "smoothing", "network.negative_slope": "leak"}
_SHORT_NAMES |= {f"training.{name}": declared.symbol for name, declared in HYPERPARAMETERS.items()}


def describe(change: Change, dials: Sequence[Dial]) -> tuple[str, str]:
    """Return a change as two texts, before and after; a path that is no dial is shown as it came.

    What comes new has nothing before: that text is empty.
    """
    if isinstance(change, EditNetwork):
        return caption(change)[1:]
    show = next((dial.show for dial in dials if dial.path == change.path), _any_text)
    try:
        return show(change.before), show(change.value)
    except (TypeError, ValueError, OverflowError):
        return _any_text(change.before), _any_text(change.value)


def short_name(path: str) -> str:
    """Return a few letters for a dial (``lr``, ``drop 1``) or a weight (``w2[4,1]``), else the path's last part."""
    *parents, last = path.split(".")
    if last == "dropout" and parents and parents[-1].isdecimal():
        return f"drop {int(parents[-1]) + 1}"
    if parents and parents[0] == "weights" and "".join([*parents[1:], last]).isdecimal():
        layer, neuron, column = (int(part) + 1 for part in (*parents[1:], last))
        return f"w{layer}[{neuron},{column}]"
    return _SHORT_NAMES.get(path) or sanitize(last, 16)


def headline(change: Change, dials: Sequence[Dial], vocabulary: Vocabulary = "standard") -> str:
    """Return a change in a few words, as ``lr 0.001 → 0.002``, ``layer 1 16 → 24`` or ``− layer 2 8 relu``."""
    before, after = describe(change, dials)
    name = name_of(change, vocabulary)
    return f"{name} {before} → {after}" if before else f"{name} {after}"


def without_repeats(changes: Iterable[Change]) -> list[Change]:
    """Return changes with those of the pace within an epoch as one, from its first value to its last.

    The pace is turned by many presses on the way to one value, and no result depends on those between; a pace that
    came back to where it was is left out. Other changes are all told, as each of them acted.
    """
    kept: list[Change] = []
    for change in changes:
        last = kept[-1] if kept else None
        if isinstance(change, SetPace) and isinstance(last, SetPace) and _is_same_turn(last, change):
            kept.pop()
            change = change.model_copy(update={"before": last.before})  # noqa: PLW2901
            if change.value == change.before:
                continue
        kept.append(change)
    return kept


def _is_same_turn(first: SetPace, second: SetPace) -> bool:
    return (first.epoch, first.author) == (second.epoch, second.author)


def headlines(changes: Iterable[Change], dials: Sequence[Dial], vocabulary: Vocabulary = "standard") -> list[list[str]]:
    """Return a line for each thing changed, with shorter ones in its place: ``lr 0.1→0.2→0.5``, ``lr→0.5``, ``lr``.

    A dial that was turned several times has one line, of which the values between the first and the last may be left
    out; each edit of the network has one of its own.
    """
    chains = dict[tuple[str, int], list[str]]()
    for change in changes:
        before, after = describe(change, dials)
        chain = chains.setdefault(
            (name_of(change, vocabulary), change.number if isinstance(change, EditNetwork) else 0), []
        )
        if before and chain[-1:] != [before]:
            chain.append(before)
        chain.append(after)
    return [_forms(name, chain) for (name, _), chain in chains.items()]


def _forms(name: str, chain: Sequence[str]) -> list[str]:
    if len(chain) == 1:  # something new, which has nothing before
        return [f"{name} {chain[0]}", name]
    values_shown = chain if len(chain) <= MOST_IN_A_CHAIN else [chain[0], "…", chain[-1]]
    return [f"{name} {'→'.join(values_shown)}", f"{name}→{chain[-1]}", name]


def name_of(change: Change, vocabulary: Vocabulary = "standard") -> str:
    """Return a few letters for what was changed."""
    return translated(caption(change)[0], vocabulary) if isinstance(change, EditNetwork) else short_name(change.path)


def _any_text(value: object) -> str:
    return plain(value) if isinstance(value, int | float) and math.isfinite(value) else sanitize(value, 20)
