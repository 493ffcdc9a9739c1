"""The soak in short: see ``tests.soak`` for an hour of it."""

from __future__ import annotations

import os

import pytest

from tests.soak.memory import WARM_UP
from tests.soak.shaking import soak

BURSTS = 24
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")]


def test_random_keys_resizes_and_edits_break_nothing() -> None:
    shaken = soak(seed=1, bursts=BURSTS)
    assert shaken.bursts == BURSTS > WARM_UP
    assert shaken.keys > BURSTS
    assert shaken.resizes > 0
