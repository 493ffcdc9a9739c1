"""The folders: whether runs, settings and kept data can be written where they are to lie, and sockets bound."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.errors import InputError, TrainerError
from tui_trainer.doctor.findings import Finding, fault, hint, ok

LITTLE_ROOM: Final = 200 * 10**6
VANISHING: Final = frozenset({"tmpfs", "ramfs", "overlay"})


def examine_places() -> Iterator[Finding]:
    """Yield what there is to say of the store, the settings, the cache and the sockets."""
    from engine.data.cache import default_folder
    from engine.store.runs import RunStore
    from presets.loader import config_folder

    yield _found("store", lambda: RunStore().root, _store)
    yield _found("settings", config_folder, lambda path: _writable("settings", path, "TUI_TRAINER_CONFIG"))
    cache = default_folder()
    if cache is not None:
        yield _writable("cache", cache, "TUI_TRAINER_CACHE")
    yield _found("sockets", lambda: RunStore().root, _sockets)


def _found(name: str, place: Callable[[], Path], examine: Callable[[Path], Finding]) -> Finding:
    try:
        return examine(place())
    except TrainerError as error:
        return fault(name, str(error), "see the line above")


def _store(root: Path) -> Finding:
    from engine.store.files import NETWORK_FILE_SYSTEMS

    written = _writable("store", root, "TUI_TRAINER_HOME")
    if written.grade == "fault":
        return written
    if root.is_dir() and root.stat().st_mode & 0o077:
        mode = stat.S_IMODE(root.stat().st_mode)
        return hint("store", f"{root}: open to other users (mode {mode:03o})", f"chmod 700 {root}")
    kind = _file_system(root)
    free = shutil.disk_usage(_existing(root)).free
    text = f"{root}: {kind or 'file system unknown'}, {free / 10**9:.1f} GB free, {_runs(root)}"
    if free < LITTLE_ROOM:
        return hint("store", text, "make room: tui-trainer prune deletes old runs, or set TUI_TRAINER_HOME")
    if kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse."):
        text += "; on the network: a slower, safe kind of journal is used"
        return hint("store", text, "set TUI_TRAINER_HOME to a folder of a local disk, if there is one")
    if kind in VANISHING:
        advice = "set TUI_TRAINER_HOME to a lasting folder"
        return hint("store", f"{text}; what lies there may be gone with the next start", advice)
    return ok("store", text)


def _runs(root: Path) -> str:
    try:
        number = sum(1 for path in (root / "runs").iterdir() if not path.name.startswith("."))
    except OSError:
        number = 0
    return "1 run" if number == 1 else f"{number} runs"


def _writable(name: str, folder: Path, variable: str) -> Finding:
    """Return whether files can be made and locked in a folder, or in the one in which it would be made."""
    from engine.store.locks import HeldError, hold

    place = _existing(folder)
    instead = f"set {variable} to a folder that is yours"
    if folder.exists() and not folder.is_dir():
        return fault(name, f"{folder}: not a folder", instead)
    if folder.is_dir() and folder.stat().st_uid not in (os.getuid(), 0):
        return fault(name, f"{folder}: belongs to another user (uid {folder.stat().st_uid})", instead)
    try:
        with tempfile.TemporaryDirectory(prefix=".doctor-", dir=place) as trial, hold(Path(trial) / "lock"):
            pass
    except OSError as error:
        return fault(name, f"{folder}: cannot be written ({error.strerror})", instead)
    except (TrainerError, HeldError) as error:
        return fault(name, f"{folder}: files there cannot be locked ({error})", instead)
    return ok(name, f"{folder}{'' if folder.is_dir() else ' (made when it is needed)'}")


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that there is."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _file_system(path: Path) -> str:
    from engine.store.files import file_system

    with suppress(OSError):
        return file_system(path, Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape"))
    return ""


def _sockets(root: Path) -> Finding:
    """Return whether a socket can be bound and connected to where those of workers lie."""
    from engine.store.sockets import socket_path

    try:
        path = socket_path(root, f"doctor-{os.getpid()}")
    except InputError as error:
        return fault("sockets", str(error), "remove or mend that folder, or set TMPDIR to another; runs cannot be seen")
    try:
        with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
            server.bind(os.fspath(path))
            server.listen()
            client.settimeout(2)
            client.connect(os.fspath(path))
    except OSError as error:
        advice = "set TMPDIR to a folder of a local disk"
        return fault("sockets", f"{path.parent}: no socket can be bound there ({error.strerror})", advice)
    finally:
        path.unlink(missing_ok=True)
    return ok("sockets", f"{path.parent}, yours alone")
