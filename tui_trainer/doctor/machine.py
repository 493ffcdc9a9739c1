"""The machine: processors, memory, the library of linear algebra, and what becomes of a training at the logout."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tui_trainer.doctor.findings import Finding, hint, ok
from tui_trainer.doctor.terminal import Run

GB = 10**9
_BUS: Final = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
LITTLE_MEMORY: Final = GB // 2


def examine_machine(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Yield what there is to say of processors, memory and libraries."""
    from engine.data.memory import available

    yield ok("python", f"{platform.python_version()}, {platform.system()} {platform.machine()}")
    yield _processors(len(os.sched_getaffinity(0)), _quota(Path("/sys/fs/cgroup/cpu.max")))
    yield _memory(available())
    yield _blas(_libraries(), environment)
    yield _extras({name: find_spec(name) is not None for name in ("h5py", "PIL", "dask")})


def _processors(allowed: int, quota: float | None) -> Finding:
    if quota is not None and quota < allowed:
        return ok("processors", f"{allowed}, of which this container may use {quota:.2g}")
    return ok("processors", f"{allowed}; a run takes one, a band of seeds or a sweep all")


def _quota(path: Path) -> float | None:
    """Return how many processors a container may use; None where that is not limited."""
    try:
        limit, period = path.read_text().split()
        return int(limit) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _memory(available: int) -> Finding:
    text = f"{available / GB:.1f} GB may be used; data of up to half of that are read"
    if available < LITTLE_MEMORY:
        return hint("memory", text, "raise the limit of the container, the batch job or `ulimit -v`")
    return ok("memory", text)


def _libraries() -> list[dict[str, Any]]:
    import numpy.linalg  # noqa: F401 - so that the library is there to be asked
    from threadpoolctl import threadpool_info

    return [entry for entry in threadpool_info() if entry.get("user_api") == "blas"]


def _blas(libraries: list[dict[str, Any]], environment: Mapping[str, str]) -> Finding:
    from engine.worker.ready import THREADS

    if not libraries:
        return ok("BLAS", "one that cannot be asked for its threads (Apple's Accelerate, or a static one)")
    library = libraries[0]
    name = " ".join(str(library[key]) for key in ("internal_api", "version", "architecture") if library.get(key))
    chosen = {key: environment[key] for key in THREADS if environment.get(key)}
    several = {key: value for key, value in chosen.items() if value != "1"}
    if several:
        words = ", ".join(f"{key}={value}" for key, value in several.items())
        advice = f"unset {' '.join(several)}: small networks are up to 1.3 times slower with several threads"
        return hint("BLAS", f"{name}; {words} holds for runs as well", advice)
    return ok("BLAS", f"{name}; a run uses one thread unless OMP_NUM_THREADS says otherwise")


def _extras(installed: Mapping[str, bool]) -> Finding:
    missing = [name for name in ("h5py", "PIL") if not installed[name]]
    if missing:
        text = f"{' and '.join(missing)} not installed: no .h5 files, no folders of pictures"
        return hint("extras", text, "pip install 'tui-trainer[images]', if such data are to be read")
    return ok("extras", f"h5py, Pillow{', Dask' if installed['dask'] else ''}")


def examine_logout(run: Run, root: Path = Path("/")) -> Finding:
    """Return whether logging out would end a training.

    systemd ends all processes of a session when its user logs out, if ``KillUserProcesses`` says so; a service of the
    user's own manager goes on, and that manager itself where the user lingers. Source: logind.conf(5).
    """
    if not (root / "run/systemd/system").is_dir():
        return ok("logout", "no systemd here: trainings go on")
    if not _kills(run, root):
        return ok("logout", "trainings go on (KillUserProcesses=no)")
    group = _read(root / "proc/self/cgroup")
    lingers = (root / "var/lib/systemd/linger" / _user_name()).exists()
    own = f"user@{os.getuid()}.service" in group
    if own and lingers:
        return ok("logout", "trainings started here go on: a service of yours, and you linger")
    advice = "loginctl enable-linger, then: systemd-run --user --scope tui-trainer …"
    if os.getuid() == 0 and not re.search(r"session-\w+\.scope", group):
        return ok("logout", "trainings go on: not in a session")
    return hint("logout", "ends trainings: logind has KillUserProcesses=yes", advice)


def _kills(run: Run, root: Path) -> bool:
    said = run(["busctl", "get-property", *_BUS, "KillUserProcesses"])
    if said is not None and said.split()[:1] == ["b"]:
        return said.split()[1:] == ["true"]
    return configured_to_kill(root)


def configured_to_kill(root: Path) -> bool:
    """Return what the files of logind say: later ones, and drop-ins, hold. The built-in default is to kill nothing."""
    folders = [root / folder for folder in ("usr/lib/systemd", "run/systemd", "etc/systemd")]
    files = [folder / "logind.conf" for folder in folders]
    drop_ins = {path.name: path for folder in folders for path in sorted((folder / "logind.conf.d").glob("*.conf"))}
    kills = False
    for path in [*files, *(drop_ins[name] for name in sorted(drop_ins))]:
        for value in re.findall(r"^\s*KillUserProcesses\s*=\s*(\S+)", _read(path), re.MULTILINE):
            kills = value.lower() in {"yes", "true", "1", "on"}
    return kills


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _user_name() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
