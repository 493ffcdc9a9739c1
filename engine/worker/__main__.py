"""The worker's process: ``python -P -m engine.worker RUN_DIRECTORY [--hold]``, or ``--ready`` to be told later.

Ends with 0 when the run was ended or stopped, 2 with one line on stderr when its input is bad, 3 when it was
only to be shown and another worker holds it, 1 otherwise.
"""

from __future__ import annotations

import sys

from engine.allocator import gc_frozen_imports


def main() -> int:
    """Load what a worker needs, then serve one run; return the process's status."""
    with gc_frozen_imports():
        from engine.worker.process import main as serve
    return serve()


if __name__ == "__main__":
    sys.exit(main())
