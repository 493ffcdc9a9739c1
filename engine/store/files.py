"""Files that are whole or not there at all, and what the store needs to know about the disk under them."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.errors import InputError, TrainerError, sanitize

NETWORK_FILE_SYSTEMS = frozenset(
    {
        *(
            "9p",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "glusterfs",
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
        ),
        *("orangefs", "panfs", "prl_fs", "pvfs2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"),
    }
)


FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""What is stored is its owner's alone, whatever the umask: weights, data's names and a log of what was done."""


def make_folder(folder: Path, *, parents: bool = False) -> None:
    """Make a folder of its owner's alone, durably; one that exists already is left as it is.

    Args:
        folder: The folder.
        parents: Make those above it too, likewise.

    Raises:
        OSError: It cannot be made.
    """
    if folder.is_dir():
        return
    if parents:
        make_folder(folder.parent, parents=True)
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        with contextlib.suppress(PermissionError):  # of a folder that can be written to and not be listed
            sync_directory(folder.parent)  # or a power cut takes the folder with all that is synced in it


def claim_folder(parent: Path, name: str, fill: Callable[[Path], None]) -> bool:
    """Put a new folder, already filled, under a name in one move; return False where the name is taken.

    Args:
        parent: Where it goes; made where it is missing.
        name: Its name.
        fill: Writes into the new folder, before anybody sees it.

    Raises:
        InputError: ``parent`` cannot be written to.
    """
    target = parent / name
    try:
        make_folder(parent, parents=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=parent) as temporary:
            folder = Path(temporary) / name
            make_folder(folder)
            fill(folder)
            folder.rename(target)
        sync_directory(parent)
    except OSError as error:
        if error.errno in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR} and target.exists():
            return False
        raise InputError(
            f"{sanitize(parent)}: cannot be written ({error.strerror}); TUI_TRAINER_HOME names another place"
        ) from None
    return True


def private(path: str, flags: int) -> int:
    """Open a file as ``open`` does; a new one is its owner's alone. For ``opener``.

    Raises:
        OSError: It cannot be opened.
    """
    return os.open(path, flags, FILE_MODE)


def write_durably(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``: after a crash the file holds either all of it or what it held before.

    Raises:
        TrainerError: The disk is full, read-only, or not ours to write to.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            with open(temporary, "wb", opener=private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    except OSError as error:
        raise TrainerError(f"{sanitize(path)}: cannot be written ({error.strerror})") from None


def sync_directory(directory: Path) -> None:
    """Make the names in ``directory`` durable; a new name is not before this.

    Raises:
        OSError: The disk refuses. A file system that knows nothing of the kind does not.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def check_format(where: Path, version: object, known: int) -> None:
    """Check a file's format version.

    Args:
        where: The file, for the message.
        version: What it has for a version.
        known: The newest version that can be read.

    Raises:
        InputError: It is not one of 1 … ``known``.
    """
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise InputError(f"{sanitize(where)}: no format version (got {sanitize(repr(version), 40)})")
    if version > known:
        newer = f"format {sanitize(version, 20)}; this one reads up to {known}"
        raise InputError(f"{sanitize(where)}: written by a newer tui-trainer ({newer})")


def is_on_network(path: Path) -> bool:
    """Say whether ``path`` lies on a network file system. Where the system does not tell (no /proc), assume not."""
    with contextlib.suppress(OSError):
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
        kind = file_system(path, mounts)
        return kind in NETWORK_FILE_SYSTEMS or kind.startswith("fuse.")
    return False


def file_system(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds ``path``, by a table in the form of ``/proc/self/mounts``."""
    places = {path.resolve(), *path.resolve().parents}
    best = Path(), ""
    for line in mounts.splitlines():
        _device, mount_point, kind, *_options = line.split(" ")
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), mount_point))
        # Of two mounts in one place the later one is seen.
        if mounted in places and len(mounted.parts) >= len(best[0].parts):
            best = mounted, kind
    return best[1]
