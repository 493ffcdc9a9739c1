"""How a run stands, and why it ended."""

from __future__ import annotations

from typing import Literal

RunState = Literal["running", "paused", "finished", "stopped", "died"]
EndReason = Literal["epochs", "early_stopping", "stopped", "non_finite"]
