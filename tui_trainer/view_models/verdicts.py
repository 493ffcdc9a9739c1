"""What goes wrong in a run, as it is read: the line above the keys, the list, and what its cure would change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from engine.errors import sanitize
from engine.run.edits import EDIT_PATH
from engine.run.verdicts import Cure, Turn, Verdict, VerdictName
from tui_trainer.formatting import count, within
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.requests import ChangeRequest, EditNetwork, TurnDial
from tui_trainer.view_models.table import Cell, Column

if TYPE_CHECKING:
    from engine.spec import Spec
    from tui_trainer.view_models.dashboard import DashboardModel

NOTHING_WRONG: Final = "nothing is wrong that a rule would see"

GRAVEST: Final[tuple[VerdictName, ...]] = (
    "non-finite",
    "wrong-exit",
    "unscaled-inputs",
    "diverging",
    "exploding-gradients",
    "dead-neurons",
    "saturated-neurons",
    "vanishing-gradients",
    "not-linearly-separable",
    "graded-on-training",
    "leaky-scaler",
    "overfitting",
    "oscillating",
    "class-imbalance",
    "underfitting",
    "plateau",
)
"""Which is told first where several stand: what makes all else worthless, then causes, then what is seen of them."""

CULPRITS: Final[dict[VerdictName, str]] = {
    "leaky-scaler": "process",
    "graded-on-training": "process",
    "unscaled-inputs": "data",
    "class-imbalance": "data",
    "overfitting": "data",
    "wrong-exit": "model",
    "dead-neurons": "model",
    "saturated-neurons": "model",
    "vanishing-gradients": "model",
    "exploding-gradients": "model",
    "not-linearly-separable": "model",
    "underfitting": "model",
    "diverging": "process",
    "oscillating": "process",
    "plateau": "process",
    "non-finite": "process",
}
"""Where the trouble lies: in the data, in the model, or in the process of training and of judging it."""

COLUMNS: Final[tuple[Column, ...]] = (
    Column("verdict"),
    Column("since", right=True),
    Column("until", right=True, spare=1),
    Column("lies in", spare=2),
    Column("numbers", spare=3),
)
LONGEST_EVIDENCE: Final = 60
"""Cells of the numbers in the list; below it they are whole."""
STANDS, PASSED = Cell("▲", Ink.WARNING), Cell("·", Ink.FAINT)


def in_order(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts: those that stand, the gravest first, then those that have passed, the latest first."""
    return sorted(
        verdicts, key=lambda each: (each.until is not None, -(each.until or 0), GRAVEST.index(each.name), each.number)
    )


def standing(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that stand, the gravest first."""
    return [each for each in in_order(verdicts) if each.until is None]


def name_of(verdict: Verdict, vocabulary: Vocabulary) -> str:
    """Return a verdict's name as it is read."""
    return translated(verdict.name.replace("-", " "), vocabulary)


def evidence_of(verdict: Verdict) -> str:
    """Return the latest numbers that say so."""
    return sanitize(verdict.lately or verdict.evidence, 400)


def line_of(verdict: Verdict, model: DashboardModel) -> str:
    """Return a verdict in a line: what, since when, by which numbers."""
    return f"▲ {name_of(verdict, model.vocabulary)} {since(verdict, model)}: {_translated_evidence(verdict, model)}"


def since(verdict: Verdict, model: DashboardModel) -> str:
    """Return since when a verdict holds, and until when it did."""
    epoch = model.word("epoch")
    begun = f"since {epoch} {count(verdict.since)}" if verdict.since else "from the start"
    return begun if verdict.until is None else f"{begun} until {epoch} {count(verdict.until)}"


def _translated_evidence(verdict: Verdict, model: DashboardModel) -> str:
    return translated(evidence_of(verdict), model.vocabulary)


def cure_text(cure: Cure, model: DashboardModel) -> str:
    """Return what a cure changes, in a few words: first what is changed, then how weights are drawn for it."""
    turns = sorted(cure.turns, key=_is_initializer)
    names = list(dict.fromkeys(_turn_text(turn.path, turn.value, model) for turn in turns))
    what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return f"new run, {what}" if takes_new_run(cure, model) else what


def takes_new_run(cure: Cure, model: DashboardModel) -> bool:
    """Return whether a cure takes a new run: by what it changes, or because there is nothing left to train."""
    return cure.anew or not model.in_training


def _is_initializer(turn: Turn) -> bool:
    return isinstance(turn.value, dict) and turn.value.get("kind") == "set-initializer"


def _turn_text(path: str, value: Any, model: DashboardModel) -> str:
    if path == EDIT_PATH and isinstance(value, dict):
        layer = f"layer {int(str(value.get('layer', 0))) + 1}"
        match value.get("kind"):
            case "set-activation":
                text = f"{layer} → {value['activation']}"
            case "set-units":
                text = f"{layer} → {value['units']}"
            case "add-layer":
                text = f"+ {layer}, {value['units']} neurons"
            case _:
                text = f"init → {value['initializer']}"
        return translated(sanitize(text, 60), model.vocabulary)
    dials = [dial for dial in model.dials if dial.path in _paths(path, model.run.spec)]
    if dials:
        name = model.dial_name(dials[0]) if len(dials) == 1 else model.word(dials[0].term)
        return f"{name} → {dials[0].show(value)}"
    return f"{path} → {sanitize(value, 40)}"


def can_cure(verdict: Verdict, model: DashboardModel) -> bool:
    """Return whether the cure of a verdict can be applied now.

    New runs are made on this machine alone, and not of a run that is elsewhere.
    """
    if verdict.cure is None:
        return False
    return not model.link_state.host if takes_new_run(verdict.cure, model) else model.may_steer


def requests_of(cure: Cure, model: DashboardModel) -> list[ChangeRequest]:
    """Return what a cure asks of the run that trains: edits, and turns of the dials that it has.

    Raises:
        InputError: A turn that makes no sense here.
    """
    from engine.run.edits import parse_edit

    asked: list[ChangeRequest] = []
    for turn in cure.turns:
        if turn.path == EDIT_PATH:
            asked.append(EditNetwork(parse_edit(turn.value)))
            continue
        dials = [dial for dial in model.dials if dial.path in _paths(turn.path, model.run.spec)]
        asked += [TurnDial(dial, turn.value) for dial in dials]
    return asked


def _paths(path: str, spec: Spec) -> list[str]:
    """Return the paths of the dials that a path speaks of: that of all layers' dropout stands for several."""
    if path != "network.dropout":
        return [path]
    return [f"network.layers.{layer}.dropout" for layer in range(len(spec.network.layers) - 1)]


def cured(spec: Spec, inputs: int, cure: Cure) -> Spec:
    """Return a recipe with a cure in it.

    Raises:
        InputError: It does not fit.
    """
    from engine.run.edits import edited, parse_edit
    from engine.spec import override

    for turn in cure.turns:
        if turn.path == EDIT_PATH:
            spec = edited(spec, inputs, parse_edit(turn.value))
        else:
            spec = override(spec, {turn.path: turn.value})
    return spec


@dataclass(frozen=True)
class VerdictLine:
    """A verdict in the list.

    Attributes:
        verdict: The verdict.
        cells: One for each of ``COLUMNS``.
        text: What a filter looks at.
    """

    verdict: Verdict
    cells: tuple[Cell, ...]
    text: str

    @property
    def name(self) -> str:
        """What the row is known by."""
        return str(self.verdict.number)

    @property
    def mark(self) -> Cell:
        """Whether it stands or has passed."""
        return STANDS if self.verdict.until is None else PASSED


def lines_of(model: DashboardModel) -> list[VerdictLine]:
    """Return the list of a run's verdicts."""
    return [_line(verdict, model) for verdict in in_order(model.run.verdicts.values())]


def _line(verdict: Verdict, model: DashboardModel) -> VerdictLine:
    ink = Ink.TEXT if verdict.until is None else Ink.MUTED
    name, evidence = name_of(verdict, model.vocabulary), _translated_evidence(verdict, model)
    until = "" if verdict.until is None else count(verdict.until)
    since = count(verdict.since) if verdict.since else "start"
    texts = (name, since, until, CULPRITS[verdict.name], within(evidence, LONGEST_EVIDENCE))
    return VerdictLine(verdict, tuple(Cell(text, ink) for text in texts), f"{name} {verdict.name} {evidence}")


def details_of(verdict: Verdict, model: DashboardModel) -> list[list[Cell]]:
    """Return all there is to say of one verdict."""
    words = model.vocabulary
    head = f"{name_of(verdict, words)} {since(verdict, model)}"
    lines = [[Cell(head, Ink.BRIGHT)]]
    if verdict.told > verdict.since:
        lines.append([Cell("told     ", Ink.MUTED), Cell(f"at {model.word('epoch')} {count(verdict.told)}")])
    lines.append([Cell("numbers  ", Ink.MUTED), Cell(translated(sanitize(verdict.evidence, 400), words))])
    if verdict.lately:
        named = "at last  " if verdict.until is not None else "now      "
        lines.append([Cell(named, Ink.MUTED), Cell(translated(sanitize(verdict.lately, 400), words))])
    lines.append([Cell("lies in  ", Ink.MUTED), Cell(f"the {CULPRITS[verdict.name]}")])
    lines.append([Cell("try      ", Ink.MUTED), Cell(translated(sanitize(verdict.advice, 400), words))])
    if verdict.cure is not None:
        lines.append([Cell("cure     ", Ink.MUTED), Cell(cure_text(verdict.cure, model), Ink.ACCENT)])
    return lines


def diagnosis(verdicts: Sequence[Verdict]) -> list[Cell]:
    """Return the answer to the question: data, model or process? Of what stands, by the weight of what it makes."""
    named = list(dict.fromkeys(CULPRITS[each.name] for each in standing(verdicts)))
    if not named:
        return [Cell(NOTHING_WRONG, Ink.MUTED)]
    places = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return [Cell("data, model or process? ", Ink.MUTED), Cell(f"the {places}", Ink.BRIGHT)]


def keys_of(verdict: Verdict, others: int, model: DashboardModel) -> str:
    """Return what stands at the end of the line: the key of the cure, and that of the list."""
    parts = []
    if verdict.cure is not None and not model.read_only and can_cure(verdict, model):
        parts.append(f"{model.glyph('verdict.cure')} {cure_text(verdict.cure, model)}")
    more = f" {others} more" if others else " all"
    return " · ".join([*parts, f"{model.glyph('screen.verdicts')}{more}"])
