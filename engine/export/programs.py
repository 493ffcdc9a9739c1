"""The libraries that a run is exported to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.export.keras_program import keras_program
from engine.export.numpy_program import numpy_program
from engine.export.program import Program
from engine.export.sklearn_program import sklearn_program
from engine.export.subject import Subject
from engine.export.torch_program import torch_program

PROGRAMS: Mapping[str, Callable[[Subject], Program]] = {
    "numpy": numpy_program,
    "keras": keras_program,
    "torch": torch_program,
    "sklearn": sklearn_program,
}
"""What writes the program, by library."""
