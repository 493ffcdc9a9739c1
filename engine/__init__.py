"""The engine: networks, training, and the worker that trains while others watch. It knows no screen.

``engine.Trainer`` and its results are imported when first asked for, so that the screen's process, which needs only
the spec and the protocol, does not pay for the numerics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import InputError, TrainerError

if TYPE_CHECKING:
    from engine.training.trainer import Trainer

__all__ = ["InputError", "Trainer", "TrainerError"]


def __getattr__(name: str) -> Any:
    if name == "Trainer":
        from engine.training.trainer import Trainer

        return Trainer
    raise AttributeError(f"module 'engine' has no attribute {name!r}")
