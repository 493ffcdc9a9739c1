"""What was found in a data file, and the recipe that follows from it."""

from __future__ import annotations

from typing import Any, Literal

from engine.errors import sanitize
from engine.strict_model import StrictModel

Kind = Literal["number", "boolean", "date", "category", "text", "identifier", "constant", "empty", "pixel"]
MOST_NAMED = 12
_IN_WORDS: dict[Kind, tuple[str, str]] = {
    "number": ("number", "numbers"),
    "boolean": ("of two answers", "of two answers"),
    "date": ("date", "dates"),
    "category": ("of categories", "of categories"),
}
"""One column of a kind, and several."""


class ColumnFinding(StrictModel):
    """A column of the file.

    Attributes:
        name: Its name.
        kind: What its cells are.
        used: Whether it is an input.
        why: Why it is left out, or how its cells are written; empty if there is nothing to say.
        missing: Cells without a value.
        distinct: How many values differ; 0 where that was not counted.
    """

    name: str
    kind: Kind
    used: bool = True
    why: str = ""
    missing: int = 0
    distinct: int = 0


class DataFinding(StrictModel):
    """What was found in a file, and the recipe that follows.

    Attributes:
        path: The file or folder.
        form: How it is written: separator, encoding, decimal sign, size of pictures.
        rows: How many rows there are.
        columns: Its columns but the targets; empty for pictures and arrays.
        targets: Names of what is to be predicted.
        classes: Each class with its rows; empty for values.
        choices: What was chosen, one line each, with the reason.
        document: The recipe, as ``Spec`` takes it.
    """

    path: str
    form: tuple[str, ...]
    rows: int
    columns: tuple[ColumnFinding, ...] = ()
    targets: tuple[str, ...] = ()
    classes: tuple[tuple[str, int], ...] = ()
    choices: tuple[str, ...] = ()
    document: dict[str, Any]

    def lines(self) -> list[str]:
        """Return what was found and chosen, in lines for a reader."""
        head = [f"{sanitize(self.path)}: {self.rows} rows, {', '.join(self.form)}"]
        names = {
            kind: [column.name for column in self.columns if column.used and column.kind == kind] for kind in _IN_WORDS
        }
        found = [
            f"{len(of_kind)} {_IN_WORDS[kind][len(of_kind) > 1]} ({_listed(of_kind)})"
            for kind, of_kind in names.items()
            if of_kind
        ]
        inputs = [f"inputs: {'; '.join(found)}"] if found else []
        left_out = [f"left out: {sanitize(c.name, 40)} ({c.why})" for c in self.columns if not c.used]
        return [*head, *inputs, *left_out, *self._target(), *self.choices]

    def _target(self) -> list[str]:
        names = f" {_listed(list(self.targets))}," if self.targets else ""
        if not self.classes:
            return [f"target:{names} {'a value' if len(self.targets) == 1 else 'values'}"]
        counts = _listed([f"{sanitize(name, 24)} {rows}" for name, rows in self.classes])
        return [f"target:{names} {len(self.classes)} classes ({counts})"]


def _listed(names: list[str]) -> str:
    first_names = [sanitize(name, 40) for name in names[:MOST_NAMED]]
    return ", ".join(first_names + ([f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []))
