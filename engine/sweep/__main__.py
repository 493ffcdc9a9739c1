"""The process that works on a sweep: ``python -P -m engine.sweep SWEEP_DIRECTORY [--jobs N | --dask ADDRESS]``.

Ends with 0 when all is done or its end was asked for, 2 with one line on stderr when its input is bad, 1 otherwise.
SIGTERM and SIGINT ask for its end, as a request does.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

from engine.allocator import configure_malloc
from engine.errors import InputError, RunBusyError, TrainerError, sanitize
from engine.sweep.pool import DaskPool, LocalPool, Pool
from engine.sweep.runner import Runner
from engine.sweep.store import Sweep


def main(arguments: list[str] | None = None) -> int:
    """Work on one sweep; return the process's status."""
    parser = argparse.ArgumentParser(prog="engine.sweep")
    parser.add_argument("directory", type=Path)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, help="trials trained at once; 1 is in this process; default: one a core")
    where.add_argument("--dask", help="address of the scheduler of a Dask cluster")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s: %(message)s")
    configure_malloc()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is nothing to a sweep
    try:
        work(Sweep(options.directory), options.jobs, options.dask)
    except (InputError, TrainerError, MemoryError) as error:
        print(sanitize(error or "out of memory", 400), file=sys.stderr)  # noqa: T201 - its last words
        return 2 if isinstance(error, InputError | RunBusyError) else 1
    return 0


def work(sweep: Sweep, jobs: int | None, dask: str | None) -> None:
    """Work on a sweep until it is done, or its end is asked for."""
    with sweep.lock():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sweep.requests.ask_stop())
        pool: Pool | None = None
        if dask is not None:
            pool = DaskPool(dask)
        elif (jobs or len(os.sched_getaffinity(0))) > 1:
            pool = LocalPool(jobs)
        try:
            Runner(sweep, pool).run()
        finally:
            if pool is not None:
                pool.close()


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # trials of another machine that were given up may still be waited for by a thread
