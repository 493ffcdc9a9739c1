"""What all tests share: a store of their own, and no worker that outlives its test."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.properties import register_profiles

register_profiles()

# What a test starts is not to compile the program anew each time, as where a container's settings keep no bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_xdist_auto_num_workers() -> int | None:
    """Return how many processes test: half as many more as there are cores, as often something is awaited.

    A worker that starts, a pace of epochs, a terminal: meanwhile others use the core. ``PYTEST_XDIST_AUTO_NUM_WORKERS``
    is heard, as always.
    """
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that in the end no core waits for another."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Path]]:
    """Return new folders, one after the other; pytest's own look for a free number among thousands, each time."""
    folder = tmp_path_factory.mktemp("homes", numbered=False)
    yield (folder / str(number) for number in count())
    end_workers(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def home(
    homes: Iterator[Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Keep runs and presets of the user's own out of the test, and the test's out of the user's."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("TUI_TRAINER_HOME", str(home / "store"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("TUI_TRAINER_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))  # one for all, as it is kept
    newest = newest_process()
    yield home
    if newest is None or newest_process() != newest:
        end_workers(tmp_path_factory.getbasetemp())


def newest_process() -> str | None:
    """Return the number that was given last to a process or thread, whose ever; None where the system does not say."""
    try:
        return Path("/proc/loadavg").read_text(encoding="ascii").split()[-1]
    except OSError:
        return None


def end_workers(folder: Path) -> int:
    """Kill who works on the runs and sweeps below ``folder``, whoever started them; return how many there were."""
    found = 0
    for process in Path("/proc").iterdir():  # a glob of more would look at each, and fail where one has just ended
        if not process.name.isdecimal():
            continue
        with contextlib.suppress(OSError):
            line = (process / "cmdline").read_bytes()
            line = line.replace(b"\0", b" ")  # one that was held ready has written its line itself
            if (b" engine.worker " in line or b" engine.sweep " in line) and b" " + os.fsencode(folder) in line:
                os.kill(int(process.name), signal.SIGKILL)
                found += 1
    return found
