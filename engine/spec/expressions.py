"""Formulas of derived columns: ``x1^2``, ``x1*x2``, ``sin(x1)``, ``"mean radius" / area``.

Python's own parser reads them, after ``^`` and the signs of print (² ³ × · −) have been written as it has them; what it
reads is then taken over piece by piece, so that nothing but arithmetic over columns gets through.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from engine.errors import nearest, sanitize

MOST_CHARACTERS: Final = 200
"""Of one formula; it bounds how deep brackets can be nested, too."""
FUNCTIONS: Final = ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "abs")
"""Of one argument each; log is the natural one, angles are in radians."""

Operator: TypeAlias = Literal["+", "-", "*", "/", "^"]
_OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
}
_TEXT_OR_SIGN = re.compile(r"""("[^"]*"|'[^']*')|([\^²³×·−])""")
_SIGNS = {"^": "**", "²": "**2", "³": "**3", "×": "*", "·": "*", "−": "-"}
_COMMA_OUTSIDE_QUOTES = re.compile(r""",(?=(?:[^"']|"[^"]*"|'[^']*')*$)""")


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Column:
    """A column of the data, by its name, or by its number as x1, x2 and so on."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function of ``FUNCTIONS``, or "-" for the negative."""

    function: str
    argument: Expression


@dataclass(frozen=True)
class Operation:
    """Two values combined."""

    operator: Operator
    left: Expression
    right: Expression


Expression: TypeAlias = Number | Column | Call | Operation


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Return what a formula says.

    Raises:
        ValueError: Not a formula; one line says what was expected.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"expected a formula of at most {MOST_CHARACTERS} characters, got {len(text)}")
    written = _TEXT_OR_SIGN.sub(lambda match: match[1] or _SIGNS[match[2]], text).strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of 1(x1), which is refused below
            expression = _taken(ast.parse(written, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError(_expected(text)) from None
    if not any(columns_in(expression)):
        raise ValueError(f"expected a formula of columns, as in x1^2, got {sanitize(text, 60)!r}, which names none")
    return expression


def split(text: str) -> tuple[str, ...]:
    """Return the formulas of a text that has commas between them."""
    return tuple(part.strip() for part in _COMMA_OUTSIDE_QUOTES.split(text) if part.strip())


def columns_in(expression: Expression) -> Iterator[str]:
    """Yield the names of the columns that a formula is made of."""
    match expression:
        case Column(name):
            yield name
        case Call(_, argument):
            yield from columns_in(argument)
        case Operation(_, left, right):
            yield from columns_in(left)
            yield from columns_in(right)


def _expected(text: str) -> str:
    return f'expected a formula of columns, as in x1^2, x1*x2, sin(x1) or "mean radius"/x3, got {sanitize(text, 60)!r}'


def _taken(node: ast.expr) -> Expression:
    """Return a part of a formula.

    Raises:
        ValueError: It is no arithmetic.
        SyntaxError: The same, where there is nothing better to say than what a formula looks like.
    """
    match node:
        case ast.Constant(value=bool() | complex()):
            raise SyntaxError
        case ast.Constant(value=int() | float() as value):
            return Number(_finite(value))
        case ast.Constant(value=str(name)) | ast.Name(id=name):
            return Column(name)
        case ast.BinOp(left, operator, right) if type(operator) in _OPERATORS:
            return Operation(_OPERATORS[type(operator)], _taken(left), _taken(right))
        case ast.UnaryOp(ast.USub(), operand):
            return Call("-", _taken(operand))
        case ast.UnaryOp(ast.UAdd(), operand):
            return _taken(operand)
        case ast.Call(ast.Name(id=name), [argument], []) if name in FUNCTIONS:
            return Call(name, _taken(argument))
        case ast.Call(ast.Name(id=name)) if name not in FUNCTIONS:
            hint = nearest(name, FUNCTIONS) or f" (there: {', '.join(FUNCTIONS)})"
            raise ValueError(f"there is no function {sanitize(name, 40)!r}{hint}")
        case _:
            raise SyntaxError


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if number in (float("inf"), float("-inf")):
        raise ValueError("expected finite numbers in a formula")
    return number
