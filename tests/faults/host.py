"""Forks a worker for each line of its stdin, a list of arguments in JSON; prints its process, then its status.

What a worker prints goes to its run's log, as it does where the launcher starts one.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy.ma  # noqa: F401 - this and Arrow a worker imports once it reads data; here before the fork
import pyarrow.compute
import pyarrow.csv  # noqa: F401

from engine.data.registry import loaders
from engine.store.files import private
from engine.worker.process import main


def import_all() -> None:
    """Import what a worker imports later on as well."""
    loaders()


def serve(arguments: list[str]) -> None:
    """Be a worker with these arguments, to the process's end; what it prints goes to its run's log."""
    status = 1
    try:
        log = private(str(Path(arguments[0]) / "worker.log"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.close(log)
        status = main(arguments)
    except OSError as error:  # of the log, as the launcher would say it
        print(error, file=sys.stderr)  # noqa: T201
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import_all()
    for line in sys.stdin:
        if not (process := os.fork()):
            serve(json.loads(line))
        _answer(process)
        _answer(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
