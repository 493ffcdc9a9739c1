"""Derived columns: inputs made of other inputs by the formulas of ``data.derived``, appended in their order.

They are made of raw values, before anything is scaled: so a formula says what it says in the units of the data. Where
one of its columns is missing, so is its value, and the scaler fills it in as it does any other.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from engine.array_types import Floats
from engine.data.table import Table
from engine.errors import InputError, nearest, sanitize
from engine.spec.expressions import Call, Column, Expression, Number, Operation, Operator, columns_in, parse

KEY = "data.derived"
_OPERATORS: dict[Operator, Callable[[Floats, Floats], Floats]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}
_FUNCTIONS: dict[str, Callable[[Floats], Floats]] = {
    "-": np.negative,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
}


def with_derived(table: Table, formulas: Sequence[str]) -> Table:
    """Return the table with these derived columns, in place of those that it has.

    Raises:
        InputError: A formula names a column that there is not, gives what is there already, or is not finite; the
            line names the key and the formula, and the row.
    """
    names = table.feature_names[: table.base_columns]
    X = table.X[:, : table.base_columns]
    if not formulas:
        return table if not table.derived else dataclasses.replace(table, X=X, feature_names=names, derived=())
    for number, formula in enumerate(formulas):
        _check_columns(number, formula, names)
    columns = [_values(number, formula, names, X) for number, formula in enumerate(formulas)]
    return dataclasses.replace(
        table,
        X=np.column_stack([X, *columns]),
        feature_names=(*names, *(sanitize(formula) for formula in formulas)),
        derived=tuple(formulas),
    )


def completed(table: Table, X: Floats) -> Floats:
    """Return rows (m, n) with the derived columns of ``table``, given (m, n) or but the (m, base) others.

    Raises:
        InputError: A formula is not finite for a row.
    """
    return completed_rows(X, table.feature_names[: table.base_columns], table.derived)


def completed_rows(X: Floats, names: Sequence[str], formulas: Sequence[str]) -> Floats:
    """Return rows (m, n) with columns derived by ``formulas``, given (m, n) or but the (m, base) others, the ``names``.

    Raises:
        InputError: A formula is not finite for a row.
    """
    if not formulas or X.shape[1] != len(names):
        return X
    return np.column_stack([X, *(_values(number, text, names, X) for number, text in enumerate(formulas))])


def recompute(table: Table, X: Floats, free: Sequence[int]) -> None:
    """Set the derived columns of rows (m, n) to what their other columns make of them, in place.

    Args:
        table: Whose derived columns.
        X: (m, n) in raw units; a formula that is not finite for a row counts as missing there.
        free: Columns that stay as they are: axes of a map, which may be derived columns themselves.
    """
    names = table.feature_names[: table.base_columns]
    base = X[:, : table.base_columns]
    for number, formula in enumerate(table.derived):
        if table.base_columns + number not in free:
            values = _evaluated(formula, names, base)
            X[:, table.base_columns + number] = np.where(np.isfinite(values), values, np.nan)


def _check_columns(number: int, formula: str, names: Sequence[str]) -> None:
    """Raise InputError where a formula is of columns that there are not, or is itself a column's name."""
    place = f"{KEY}.{number}: {sanitize(formula, 60)}"
    for name in columns_in(parse(formula)):
        if _index_of(name, names) is None:
            hint = nearest(name, names) or f" (there: {sanitize(', '.join(names), 120)}, or x1 to x{len(names)})"
            raise InputError(f"{place}: there is no column {sanitize(name, 40)!r}{hint}")
    if isinstance(parse(formula), Column) or formula in names:
        raise InputError(f"{place}: this is a column already; expected a formula, as in x1^2")


def _index_of(name: str, names: Sequence[str]) -> int | None:
    """Return the column of a name: its own, as it was written before Python read it, or by its number."""
    if name in names:
        return list(names).index(name)
    normalized = [unicodedata.normalize("NFKC", each) for each in names]
    if name in normalized:
        return normalized.index(name)
    number = name.removeprefix("x")
    if name.startswith("x") and number.isdecimal() and number.isascii() and 1 <= int(number) <= len(names):
        return int(number) - 1
    return None


def place_of(name: str, names: Sequence[str]) -> int:
    """Return the column that a formula names, from 0.

    Raises:
        InputError: There is no such column.
    """
    index = _index_of(name, names)
    if index is None:
        raise InputError(f"{KEY}: there is no column {sanitize(name, 40)!r}")
    return index


def _values(number: int, formula: str, names: Sequence[str], X: Floats) -> Floats:
    """Return (m,) a formula's values for rows (m, base); NaN where a column of it is missing."""
    values = _evaluated(formula, names, X)
    columns = sorted({place_of(name, names) for name in columns_in(parse(formula))})
    wrong = ~np.isfinite(values) & ~np.isnan(X[:, columns]).any(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        where = ", ".join(f"{sanitize(names[column], 40)} = {X[row, column]:.6g}" for column in columns[:3])
        raise InputError(f"{KEY}.{number}: {sanitize(formula, 60)} is no finite number in row {row + 1}, where {where}")
    return values


def _evaluated(formula: str, names: Sequence[str], X: Floats) -> Floats:
    with np.errstate(all="ignore"):
        values: Floats = np.broadcast_to(_value(parse(formula), names, X), (len(X),)).astype(np.float64)
    return values


def _value(expression: Expression, names: Sequence[str], X: Floats) -> Floats:
    match expression:
        case Number(value):
            return np.asarray(value)
        case Column(name):
            column: Floats = X[:, place_of(name, names)]
            return column
        case Call(function, argument):
            return _FUNCTIONS[function](_value(argument, names, X))
        case Operation(operator, left, right):
            return _OPERATORS[operator](_value(left, names, X), _value(right, names, X))
