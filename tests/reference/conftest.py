"""One BLAS thread, as a run of the program has it: on networks of this size a second one costs more than it brings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Hold NumPy's BLAS to one thread; on a busy machine two wait for each other most of the time."""
    with threadpool_limits(1):
        yield
