"""How much is tried: of a property as many examples as it says, ten times as many in ``make test-long``.

Long trainings, too, go to their end there alone.
"""

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


def long_profile() -> bool:
    """Return whether this is ``make test-long``."""
    return settings().max_examples > USUAL
