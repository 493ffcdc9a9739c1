"""Workers that this program cannot talk to: those of another protocol, and of another build of the same."""

from __future__ import annotations

from typing import Final

from engine.errors import WorkerError
from engine.protocol.fingerprint import fingerprint
from engine.protocol.version import PROTOCOL
from engine.store.records import RecordedState

OTHER_BUILD: Final = "of another build, whose messages are others: use the same build on both sides"


class OtherVersionError(WorkerError):
    """A worker that speaks another protocol; its run can be looked at in its store."""


def is_other_version(recorded: RecordedState) -> bool:
    """Say whether the worker that recorded this cannot be talked to; one that did not say is taken for one of ours."""
    if recorded.protocol in {None, PROTOCOL}:
        return recorded.messages not in {None, fingerprint()}
    return True
