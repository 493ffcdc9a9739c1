"""What the terminal can show, as far as the environment tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from tui_trainer.themes.glyphs import Glyphs

Colors = Literal["all", "16", "none"]


@dataclass(frozen=True)
class TerminalCapabilities:
    """What the terminal can show.

    Attributes:
        glyphs: The richest set of glyphs it has.
        colors: Whether it has the 256 colours that the themes are made of, only the sixteen of old, or is to have none.
    """

    glyphs: Glyphs = "braille"
    colors: Colors = "all"

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return what ``TERM``, ``COLORTERM``, ``NO_COLOR`` and the locale promise."""
        return cls(_glyphs(environment), _colors(environment))


def _glyphs(environment: Mapping[str, str]) -> Glyphs:
    # The first of these that is set holds; where none is, nobody has said anything against UTF-8.
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "UTF-8")
    if "utf8" not in locale.lower().replace("-", ""):
        return "ascii"
    return "blocks" if environment.get("TERM") == "linux" else "braille"


def _colors(environment: Mapping[str, str]) -> Colors:
    if environment.get("NO_COLOR"):
        return "none"
    if environment.get("COLORTERM") in {"truecolor", "24bit"}:
        return "all"
    term = environment.get("TERM", "")
    return "all" if any(mark in term for mark in ("256", "direct", "kitty", "truecolor")) else "16"
