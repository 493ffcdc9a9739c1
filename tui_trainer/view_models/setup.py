"""Setting up a training on a data file, without a screen: what was found, and what may be chosen otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import sanitize
from engine.spec import Spec, override, validate
from engine.spec.finding import ColumnFinding, DataFinding
from tui_trainer.bindings import KEYS, Key
from tui_trainer.formatting import ljust, within
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.styled_text import StyledLine

SHARES = (0.0, 0.1, 0.2, 0.3)
NAME_WIDTH, VALUE_WIDTH, KIND_WIDTH = 24, 26, 11
MARK_WIDTH = 4
"""Columns of the sign before a column's name."""


NOTHING_SAID = Notice("")


@dataclass(frozen=True)
class Selection:
    """What of a file is to be looked at anew: the columns that are named otherwise than the file itself suggests."""

    targets: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    weight: str | None = None


@dataclass(frozen=True)
class Setting:
    """A value of the recipe that can be chosen here.

    Attributes:
        path: Its dotted path.
        name: What it is called.
        values: What it can be, in order.
        text: Says what a value means.
    """

    path: str
    name: str
    values: tuple[Any, ...]
    text: Callable[[Any], str]


def _scaled(kind: Any) -> str:
    words = {"standard": "mean 0, deviation 1", "minmax": "0 to 1", "divide": "divided", "none": "as they are"}
    return words[str(kind)]


def _share(part: Any) -> str:
    return f"{part:.0%} of the rows" if part else "none"


def _yes(value: Any) -> str:
    return "each class in its share" if value else "at random"


@dataclass
class SetupModel:
    """What the screen shows and changes.

    Attributes:
        finding: What was found, with the recipe that follows.
        selection: The columns as they were chosen.
        chosen: Values that were chosen, by their paths.
        cursor: The line with the cursor: settings first, then columns.
        is_looking: Whether the file is being looked at again.
        notice: The line above the keys.
        vocabulary: Standard or plain words.
        keys: The table of keys, as its user has remapped it.
    """

    finding: DataFinding
    selection: Selection = field(default_factory=Selection)
    chosen: dict[str, Any] = field(default_factory=dict)
    cursor: int = 0
    is_looking: bool = False
    notice: Notice = NOTHING_SAID
    vocabulary: Vocabulary = "standard"
    keys: tuple[Key, ...] = KEYS

    def spec(self) -> Spec:
        """Return the recipe as it was set up.

        Raises:
            InputError: Choices that do not go together.
        """
        return override(validate(self.finding.document, self.finding.path), self.chosen)

    @property
    def settings(self) -> list[Setting]:
        """What can be chosen beside columns; it depends on whether there are classes, or pictures."""
        kinds = ("standard", "minmax", "none") if self._default("scaler.kind") != "divide" else ("divide", "none")
        settings = [
            Setting("split.validation", "validation", SHARES, _share),
            Setting("split.test", "exam", SHARES, _share),
            Setting("scaler.kind", "inputs", kinds, _scaled),
        ]
        if self.finding.classes:
            return [*settings, Setting("split.stratify", "split", (False, True), _yes)]
        return [*settings, Setting("scaler.targets", "target", ("none", "standard"), _scaled)]

    @property
    def columns(self) -> list[ColumnFinding]:
        """The columns that can be in or out, the targets first."""
        targets = [ColumnFinding(name=name, kind="number") for name in self.finding.targets]
        return [*targets, *self.finding.columns]

    @property
    def column(self) -> ColumnFinding | None:
        """The column with the cursor."""
        place = self.cursor - len(self.settings)
        return self.columns[place] if place >= 0 else None

    def move(self, step: int) -> None:
        """Move the cursor."""
        self.cursor = min(max(0, self.cursor + step), self._last)

    def can_move(self, step: int) -> bool:
        """Return whether there is another row in a direction."""
        return self.cursor > 0 if step < 0 else self.cursor < self._last

    def turn(self, step: int) -> None:
        """Choose the next value of the setting with the cursor."""
        if self.cursor < len(self.settings):
            setting = self.settings[self.cursor]
            at = setting.values.index(self.value(setting)) if self.value(setting) in setting.values else 0
            self.chosen[setting.path] = setting.values[(at + step) % len(setting.values)]

    def value(self, setting: Setting) -> Any:
        """Return what a setting stands at."""
        return self.chosen.get(setting.path, self._default(setting.path))

    def toggled(self) -> Selection | None:
        """Return the selection with the cursor's column taken in, or left out; None where it is a target or none."""
        column, selection = self.column, self.selection
        if column is None or column.name in self.finding.targets:
            return None
        drop = tuple(name for name in selection.drop if name != column.name)
        keep = tuple(name for name in selection.keep if name != column.name)
        if column.name == selection.weight:
            return replace(selection, weight=None)
        if column.used:
            return replace(selection, drop=(*drop, column.name), keep=keep)
        return replace(selection, drop=drop, keep=keep if column.name in selection.drop else (*keep, column.name))

    def weighed(self) -> Selection | None:
        """Return the selection in which rows count as the cursor's column says, or no column, if it is that."""
        column = self.column
        if column is None or column.name in self.finding.targets:
            return None
        return replace(self.selection, weight=None if column.name == self.selection.weight else column.name)

    def retargeted(self) -> Selection | None:
        """Return the selection with the cursor's column for its target."""
        column = self.column
        if column is None or column.name in self.finding.targets:
            return None
        drop, keep = (
            tuple(n for n in names if n != column.name) for names in (self.selection.drop, self.selection.keep)
        )
        weight = None if self.selection.weight == column.name else self.selection.weight
        return Selection((column.name,), drop, keep, weight)

    def adopt(self, finding: DataFinding, selection: Selection) -> None:
        """Take over what was found for a selection; the cursor stays on its column."""
        name = self.column.name if self.column else None
        self.finding, self.selection = finding, selection
        paths = {setting.path for setting in self.settings}
        self.chosen = {path: value for path, value in self.chosen.items() if path in paths}
        names = [column.name for column in self.columns]
        self.cursor = len(self.settings) + names.index(name) if name in names else min(self.cursor, len(names))

    @property
    def _last(self) -> int:
        """The last row."""
        return len(self.settings) + len(self.columns) - 1

    def _default(self, path: str) -> Any:
        table, key = path.split(".")
        fallback: Mapping[str, Any] = {"stratify": False, "targets": "none", "validation": 0.0, "test": 0.0}
        return self.finding.document.get(table, {}).get(key, fallback.get(key))


@dataclass(frozen=True)
class SetupLine:
    """A line of the screen.

    Attributes:
        pieces: What it says.
        place: The place of the cursor that it stands for, None where there is nothing to choose.
    """

    pieces: StyledLine
    place: int | None = None


BLANK = SetupLine([])


def setup_lines(model: SetupModel, width: int, height: int) -> list[SetupLine]:
    """Return the lines: what was found, settings, and as many columns as there is room for, the cursor's among them."""
    finding = model.finding
    target = next(line for line in finding.lines() if line.startswith("target:"))
    head = [
        SetupLine([(within(f"{finding.rows} rows, {', '.join(finding.form)}", width), Ink.TEXT)]),
        SetupLine([(within(target, width), Ink.MUTED)]),
    ]
    choices = [
        SetupLine([(within(translated(line, model.vocabulary), width), Ink.MUTED)]) for line in finding.choices[:2]
    ]
    settings = [SetupLine(_setting_line(model, place, width), place) for place in range(len(model.settings))]
    roomy = height >= len(head) + len(choices) + len(settings) + 6
    top = [*head, *choices, BLANK, *settings, BLANK] if roomy else [head[0], *settings]
    room = max(1, height - len(top))
    count = len(model.columns)
    first = min(max(0, model.cursor - len(settings) - room // 2), max(0, count - room))
    columns = [
        SetupLine(_column_line(model, place, width), place + len(settings))
        for place in range(first, min(count, first + room))
    ]
    return [*top, *columns][:height]


def _setting_line(model: SetupModel, place: int, width: int) -> StyledLine:
    setting = model.settings[place]
    name = translated(setting.name, model.vocabulary)
    text = f"{name:<{NAME_WIDTH - 10}}‹ {setting.text(model.value(setting))} ›"
    if place == model.cursor:
        return [(ljust(within(text, width), width), Ink.SELECTED)]
    return [(within(text, width), Ink.BRIGHT if setting.path in model.chosen else Ink.TEXT)]


def _column_line(model: SetupModel, place: int, width: int) -> StyledLine:
    column = model.columns[place]
    is_target, is_weight = column.name in model.finding.targets, column.name == model.selection.weight
    mark = "▶" if is_target else "w" if is_weight else "×" if column.used else " "
    kind = "target" if is_target else "weight" if is_weight else column.kind
    gaps = f"{column.missing} missing  " if column.missing else ""
    name = ljust(within(sanitize(column.name), NAME_WIDTH - 1), NAME_WIDTH)
    text = within(f"[{mark}] {name}{kind:<{KIND_WIDTH}}{gaps}{sanitize(column.why)}", width)
    if place + len(model.settings) == model.cursor:
        return [(ljust(text, width), Ink.SELECTED)]
    return [(text, Ink.ACCENT if is_target or is_weight else Ink.TEXT if column.used else Ink.FAINT)]
