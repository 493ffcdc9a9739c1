"""Lines of words, each in its ink: what panes of text are made of."""

from __future__ import annotations

Words = list[tuple[str, int]]
"""Pieces of a line, from left to right."""
