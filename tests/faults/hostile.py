"""What a worker could say that is not ours: frames of a believable run, of which something is made hostile.

``python -m tests.faults.hostile --times 500 [--seed 1]`` puts each before a watcher's door (``engine.protocol``) and,
where that lets it in, on a screen, which is walked through; its status is 1 where the screen broke or a control
character reached the terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from textual import app, pilot

from engine.errors import WorkerError
from engine.protocol.codec import decode_event, encode
from engine.protocol.events import Frame, Welcome
from engine.protocol.plausible import check_frame, check_welcome
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import Arrays, FakeClient
from tests.tui_trainer.idle import wait_for_idle

NUMBERS = (0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 1e308, -1e308, 1e-320, 10**30, None, True)
TEXTS = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202eevil",
    "a\nb\r\tc",
    "",
    "x" * 5_000,
    "[bold red]markup[/]",
    "界" * 90,
)
SHAPES = ((0,), (1,), (0, 0), (1, 1), (3, 700), (2_000, 2), (1, 1, 1), (0, 5, 3))
KEYS = (*"123456789", "tab", "right", "down", "e", "escape", "g", "f", "z", "y")
CONTROLS = frozenset(map(chr, [*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return each value of a JSON document with what it stands in: (container, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in items for place in [(value, key), *places(each)]]


def twist_event(event: Frame | Welcome, arrays: Arrays, dice: random.Random) -> tuple[list[bytes], str]:
    """Return a message in which a value of the event is another, and what was changed."""
    message = encode(event, arrays)
    header = json.loads(message[0])
    container, key = dice.choice([place for place in places(header["body"]) if place[1] != "kind"])
    before = container[key]
    if isinstance(before, str):
        container[key] = dice.choice(TEXTS)
    elif isinstance(before, list):
        container[key] = dice.choice([[], before * 3, before * 1_000, before[:1]])
    else:
        container[key] = dice.choice(NUMBERS)
    return [json.dumps(header).encode(), *message[1:]], f"{key}: {str(container[key])[:40]!r}"


def twist_array(event: Frame, arrays: Arrays, dice: random.Random) -> tuple[list[bytes], str]:
    """Return a message of which an array has another shape, dtype, name or values."""
    name = dice.choice(sorted(arrays))
    array = np.array(arrays[name])
    twisted: dict[str, Callable[[], dict[str, Any]]] = {
        "shape": lambda: {name: np.zeros(dice.choice(SHAPES), array.dtype)},
        "dtype": lambda: {name: array.astype(dice.choice(["float32", "float64", "int64", "uint8"]))},
        "values": lambda: {name: np.full(array.shape, dice.choice([-1e308, 255, np.inf, np.nan])).astype(array.dtype)},
        "name": lambda: {dice.choice([f"{name}.0", "weights.9", "neurons.x", "boundary", "@0.x"]): array},
        "gone": dict,
    }
    how = dice.choice(sorted(twisted))
    with np.errstate(invalid="ignore", over="ignore"):
        others = {each: value for each, value in arrays.items() if each != name}
        return encode(event, {**others, **twisted[how]()}), f"{name}: {how}"


class Hostile(FakeClient):
    """A client whose next frame is twisted, if the door lets it in; then it goes on as an honest one."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self._dice = dice
        self.is_hostile = False
        self.said = ""
        self.refusal_at_door: str | None = None
        self.cannot_be_drawn: set[str] = set()

    def tell(self, **changed: Any) -> None:
        super().tell(**changed)
        if self.is_hostile:
            self.is_hostile = False
            item = self._queue._queue.pop()  # type: ignore[attr-defined]
            self._queue.put_nowait(self._twisted(*item))

    def _twisted(self, frame: Frame, arrays: Arrays) -> tuple[Frame, Arrays] | Exception:
        twist = twist_array if arrays and self._dice.random() < 0.5 else twist_event
        message, self.said = twist(frame, arrays, self._dice)
        try:
            event, decoded = decode_event(message)
            if not isinstance(event, Frame):
                raise WorkerError("no frame")
            check_frame(event, decoded, self.welcome)
        except WorkerError as error:
            self.refusal_at_door = str(error)
            return error
        return event, decoded


def twisted_welcome(dice: random.Random) -> Welcome | None:
    """Return a welcome of which something is hostile; None where the door does not let it in."""
    message, _ = twist_event(FakeClient().welcome, {}, dice)
    try:
        event, _ = decode_event(message)
        check_welcome(event)
    except WorkerError:
        return None
    return event if isinstance(event, Welcome) and event.spec is not None else None


async def shown(client: Hostile, dice: random.Random) -> None:
    """Show a run whose worker turns hostile, and walk through its screens.

    Raises:
        AssertionError: A control character stands on the screen.
    """
    async with dashboard(client, epochs=12) as desk:
        await desk.press(dice.choice(KEYS))
        client.is_hostile = True
        client.train(3)
        await desk.settle()
        for key in dice.sample(KEYS, 6):
            await desk.press(key)
            _check_text(desk, client)
        client.train(3)
        await desk.settle()
        _check_text(desk, client)


def _check_text(desk: Desk, client: Hostile) -> None:
    client.cannot_be_drawn.update(line.strip() for line in desk.lines if "cannot be drawn" in line)
    assert not CONTROLS & set(desk.text) - {"\n"}, repr(sorted(CONTROLS & set(desk.text)))


def harm(times: int, seed: int = 1, report: Callable[[str], object] = bool) -> tuple[Counter[str], list[str]]:
    """Show so many hostile runs; return how many were refused at the door and shown, and what broke."""
    counts, problems = Counter[str](), []
    for number in range(times):
        dice = random.Random(f"{seed}.{number}")  # noqa: S311 - what it draws is to be drawn again
        client = Hostile(dice)
        if dice.random() < 0.3:
            welcome = twisted_welcome(dice)
            if welcome is None:
                counts["refused"] += 1
                continue
            client.welcome = welcome
        try:
            asyncio.run(shown(client, dice))
        except Exception as error:  # whatever ends the screen
            problems.append(f"{seed}.{number}: {client.said}: {type(error).__name__}: {str(error)[:200]}")
        counts["shown" if client.refusal_at_door is None else "refused"] += 1
        if client.cannot_be_drawn:
            counts["with a pane that could not be drawn"] += 1
            report(f"{seed}.{number}: {client.said}: {client.cannot_be_drawn}")
    return counts, problems


def main() -> int:
    """Harm as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.hostile", description=__doc__)
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with pytest.MonkeyPatch.context() as patch:
        for module in (app, pilot):
            patch.setattr(module, "wait_for_idle", wait_for_idle)
        counts, problems = harm(options.times, options.seed, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    print("\n".join([f"{dict(counts)}; {len(problems)} broke", *problems]))  # noqa: T201 (a command's answer)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
