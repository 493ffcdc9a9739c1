"""The libraries that a run is exported to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.export.numpy_program import numpy_program
from engine.export.program import Program
from engine.export.subject import Subject

PROGRAMS: Mapping[str, Callable[[Subject], Program]] = {"numpy": numpy_program}
"""What writes the program, by library."""
