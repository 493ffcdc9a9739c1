"""Navigation through a run's checkpoints."""

from __future__ import annotations

from collections.abc import Sequence


def next_checkpoint(checkpoints: Sequence[int], present: int, at: int | None, direction: int) -> int | None:
    """Return the next place of a walk, None for the present, where no walk goes on.

    Args:
        checkpoints: Epochs that can be visited, rising.
        present: Epochs completed; a checkpoint of that epoch is the present, or all but it.
        at: The epoch looked at, None for the present.
        direction: −1 back in time, +1 forward.
    """
    past = [epoch for epoch in checkpoints if epoch < present]
    if direction < 0:
        earlier = [epoch for epoch in past if at is None or epoch < at]
        return earlier[-1] if earlier else at
    if at is None:
        return None
    return next((epoch for epoch in past if epoch > at), None)
