"""The cats and dogs: what a pixel of 0.03868 can have been."""

from __future__ import annotations

import math
from typing import Any


def pixel_35() -> dict[str, Any]:
    """Return the printed pixel times 255, which should be a whole number, and the 8-bit values beside it."""
    raw = 0.03868 * 255
    return {"value": raw, "times255": raw, "nearest_8bit": [math.floor(raw) / 255, math.ceil(raw) / 255]}
