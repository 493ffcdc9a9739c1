"""Shaking the program: ``python -m tests.soak --minutes 60``.

It says what it did and what it found; its status is 1 where something broke.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.soak.memory import Shaken
from tests.soak.shaking import soak, workers


@contextmanager
def store_of_its_own() -> Iterator[None]:
    """Keep the runs of the soak out of the user's store, and end their workers."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update({"TUI_TRAINER_HOME": folder, "XDG_CONFIG_HOME": folder})
        try:
            yield
        finally:
            for pid in workers():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def main() -> int:
    """Soak as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with store_of_its_own():
        try:
            print(soak(options.seed, minutes=options.minutes, report=_tell))  # noqa: T201 (a command's answer)
        except AssertionError as error:
            print(error, file=sys.stderr)  # noqa: T201
            return 1
    return 0


def _tell(shaken: Shaken) -> None:
    print(shaken, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
