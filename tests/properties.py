"""How many examples a property is tried on: as many as it says in ``make test``, ten times as many in ``test-long``."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

USUAL, LONG = 100, 1000
"""Examples of a property that names no number."""


def register_profiles() -> None:
    """Make ``short`` the profile in force, and ``--hypothesis-profile=long`` known.

    In neither is a property broken because the machine was busy.
    """
    for name, examples in (("short", USUAL), ("long", LONG)):
        settings.register_profile(
            name, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
    settings.load_profile("short")


def examples(usual: int) -> int:
    """Return the number for a property of which an example takes long, or finds little: ``usual``, or ten times it."""
    return usual * settings().max_examples // USUAL
