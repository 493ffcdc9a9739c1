"""Lines of words, each in its ink: what panes of text are made of."""

from __future__ import annotations

StyledLine = list[tuple[str, int]]
"""Pieces of a line, from left to right."""
