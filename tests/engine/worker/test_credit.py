from __future__ import annotations

import asyncio

from engine.worker.credit import CreditGiver
from tests.patience import PATIENCE


class Granted:
    def __init__(self) -> None:
        self.times: list[float] = []

    async def __call__(self) -> None:
        self.times.append(asyncio.get_running_loop().time())

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.times) < count:
                await asyncio.sleep(0.001)


async def test_without_a_pace_each_frame_that_is_taken_is_granted_again_at_once() -> None:
    granted = Granted()
    credit = CreditGiver(0.0, granted)
    for _ in range(5):
        await credit.frame_taken()
    assert len(granted.times) == 5


async def test_frames_are_granted_no_faster_than_the_pace_and_one_is_kept_back() -> None:
    granted = Granted()
    credit = CreditGiver(0.05, granted)
    for taken in range(1, 5):
        await credit.frame_taken()
        await granted.reach(taken - 1)
    assert len(granted.times) == 3, "of four frames the credit of one is kept"
    assert all(later - earlier >= 0.049 for earlier, later in zip(granted.times, granted.times[1:], strict=False))


async def test_who_waits_for_an_answer_grants_what_was_kept_back() -> None:
    granted = Granted()
    credit = CreditGiver(3600.0, granted)
    await credit.frame_taken()
    await credit.frame_taken()
    await credit.frame_taken()
    await granted.reach(1)
    await credit.give_all()
    assert len(granted.times) == 3
    await credit.give_all()
    assert len(granted.times) == 3
    credit.close()
