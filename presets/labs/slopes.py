"""Slopes that several labs quote."""

from __future__ import annotations

from presets.labs.contract import Value


def slope_anchors() -> dict[str, Value]:
    """Return the slopes −1/p of −ln p and p(1 − p) of the S-curve, each at two p."""
    return {
        "slope_p09": -1 / 0.9,
        "slope_p01": -1 / 0.1,
        "sig_slope_p05": 0.5 * (1 - 0.5),
        "sig_slope_p099": 0.99 * (1 - 0.99),
    }
