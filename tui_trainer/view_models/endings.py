"""How a run ended, in a line for people who see no screen."""

from __future__ import annotations

from engine.run.status import EndReason
from tui_trainer.formatting import count

_ENDINGS: dict[EndReason | None, str] = {
    "epochs": "finished after epoch {}",
    "early_stopping": "stopped early after epoch {}, as the validation loss no longer fell",
    "stopped": "stopped after epoch {}",
    "non_finite": "failed after epoch {}, as a value is no longer finite",
    None: "ended after epoch {}",
}


def ending(reason: EndReason | None, epoch: int) -> str:
    """Return why a run ended, and after which epoch."""
    return _ENDINGS[reason].format(count(epoch))
