"""Setting up a training on a data file, without a screen: what was found, and what may be chosen otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import sanitize
from engine.spec import Spec, override, validate
from engine.spec.finding import ColumnFinding, DataFinding
from tui_trainer.formatting import ljust, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.styled_text import StyledLine

SHARES = (0.0, 0.1, 0.2, 0.3)
NAME_WIDTH, VALUE_WIDTH, KIND_WIDTH = 24, 26, 11
KEYS = (
    ("↑↓", "choose"),
    ("←→", "turn"),
    ("space", "in/out"),
    ("t", "target"),
    ("S", "save"),
    ("enter", "train"),
    ("esc", "leave"),
)


@dataclass(frozen=True)
class Selection:
    """What of a file is to be looked at anew: the columns that are named otherwise than the file itself suggests."""

    targets: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


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
        complaint: What is wrong, in one line.
        is_looking: Whether the file is being looked at again.
    """

    finding: DataFinding
    selection: Selection = field(default_factory=Selection)
    chosen: dict[str, Any] = field(default_factory=dict)
    cursor: int = 0
    complaint: str = ""
    is_looking: bool = False

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
        self.cursor = min(max(0, self.cursor + step), len(self.settings) + len(self.columns) - 1)

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
        if column.used:
            return Selection(selection.targets, (*drop, column.name), keep)
        return Selection(selection.targets, drop, keep if column.name in selection.drop else (*keep, column.name))

    def retargeted(self) -> Selection | None:
        """Return the selection with the cursor's column for its target."""
        column = self.column
        if column is None or column.name in self.finding.targets:
            return None
        others = (tuple(n for n in names if n != column.name) for names in (self.selection.drop, self.selection.keep))
        return Selection((column.name,), *others)

    def adopt(self, finding: DataFinding, selection: Selection) -> None:
        """Take over what was found for a selection; the cursor stays on its column."""
        name = self.column.name if self.column else None
        self.finding, self.selection, self.complaint = finding, selection, ""
        paths = {setting.path for setting in self.settings}
        self.chosen = {path: value for path, value in self.chosen.items() if path in paths}
        names = [column.name for column in self.columns]
        self.cursor = len(self.settings) + names.index(name) if name in names else min(self.cursor, len(names))

    def _default(self, path: str) -> Any:
        table, key = path.split(".")
        fallback: Mapping[str, Any] = {"stratify": False, "targets": "none", "validation": 0.0, "test": 0.0}
        return self.finding.document.get(table, {}).get(key, fallback.get(key))


def setup_lines(model: SetupModel, width: int, height: int) -> list[StyledLine]:
    """Return the screen's lines: what was found, settings, columns around the cursor, what is wrong, keys."""
    finding = model.finding
    target = next(line for line in finding.lines() if line.startswith("target:"))
    head: list[StyledLine] = [
        [(within(f"{finding.rows} rows, {', '.join(finding.form)}", width), Ink.TEXT)],
        [(within(target, width), Ink.MUTED)],
    ]
    choices: list[StyledLine] = [[(within(line, width), Ink.MUTED)] for line in finding.choices[:2]]
    settings = [_setting_line(model, place, width) for place in range(len(model.settings))]
    columns = [_column_line(model, place, width) for place in range(len(model.columns))]
    foot: list[StyledLine] = [_message(model, width), _key_line(width)]
    roomy = height >= len(head) + len(choices) + len(settings) + len(foot) + 6
    top: list[StyledLine] = [*head, *choices, [], *settings, []] if roomy else [head[0], *settings]
    room = max(1, height - len(top) - len(foot))
    first = min(max(0, model.cursor - len(settings) - room // 2), max(0, len(columns) - room))
    shown = columns[first : first + room]
    blank: list[StyledLine] = [[]] * (room - len(shown))
    return [*top, *shown, *blank, *foot][:height]


def _setting_line(model: SetupModel, place: int, width: int) -> StyledLine:
    setting = model.settings[place]
    text = f"{setting.name:<{NAME_WIDTH - 10}}‹ {setting.text(model.value(setting))} ›"
    if place == model.cursor:
        return [(ljust(within(text, width), width), Ink.SELECTED)]
    return [(within(text, width), Ink.BRIGHT if setting.path in model.chosen else Ink.TEXT)]


def _column_line(model: SetupModel, place: int, width: int) -> StyledLine:
    column = model.columns[place]
    is_target = column.name in model.finding.targets
    mark = "▶" if is_target else "×" if column.used else " "
    kind = "target" if is_target else column.kind
    gaps = f"{column.missing} missing  " if column.missing else ""
    name = ljust(within(sanitize(column.name), NAME_WIDTH - 1), NAME_WIDTH)
    text = within(f"[{mark}] {name}{kind:<{KIND_WIDTH}}{gaps}{sanitize(column.why)}", width)
    if place + len(model.settings) == model.cursor:
        return [(ljust(text, width), Ink.SELECTED)]
    return [(text, Ink.ACCENT if is_target else Ink.TEXT if column.used else Ink.FAINT)]


def _message(model: SetupModel, width: int) -> StyledLine:
    if model.is_looking:
        return [("looking at the file again…", Ink.MUTED)]
    return [(within(sanitize(model.complaint), width), Ink.ERROR)]


def _key_line(width: int) -> StyledLine:
    """Return the keys, without the first ones where there is no room for all."""
    keys = list(KEYS)
    while sum(len(key) + len(hint) + 3 for key, hint in keys) - 2 > width and len(keys) > 1:
        del keys[0]
    pieces = [piece for key, hint in keys for piece in ((f"{key} ", Ink.KEY), (f"{hint}  ", Ink.MUTED))]
    return [*pieces[:-1], (keys[-1][1], Ink.MUTED)]
