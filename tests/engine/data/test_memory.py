from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from engine.data import memory
from engine.data.memory import available, require_memory
from engine.errors import InputError

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
LESS = MACHINE // 4
V2, V1 = "sys/fs/cgroup", "sys/fs/cgroup/memory"


def system(root: Path, groups: str, limits: dict[str, str]) -> Path:
    """Make the files of a system."""
    for path, text in {"proc/self/cgroup": groups, **limits}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize(
    ("groups", "limits", "expected"),
    [
        ("0::/\n", {f"{V2}/memory.max": f"{LESS}\n"}, LESS),
        ("0::/\n", {f"{V2}/memory.max": "max\n"}, MACHINE),
        ("0::/\n", {}, MACHINE),
        ("0::/\n", {f"{V2}/memory.max": f"{MACHINE * 8}\n"}, MACHINE),
        ("0::/jobs/7\n", {f"{V2}/jobs/memory.max": f"{LESS}\n", f"{V2}/jobs/7/memory.max": "max\n"}, LESS),
        ("0::/jobs/7\n", {f"{V2}/jobs/memory.max": "max\n", f"{V2}/jobs/7/memory.max": f"{LESS}\n"}, LESS),
        ("0::/a:b\n", {f"{V2}/a:b/memory.max": f"{LESS}\n"}, LESS),
        ("0::/jobs/8\n", {f"{V2}/jobs/7/memory.max": f"{LESS}\n"}, MACHINE),
        ("5:cpu:/\n4:memory:/job\n0::/\n", {f"{V1}/job/memory.limit_in_bytes": f"{LESS}\n"}, LESS),
        ("4:memory:/docker/3f\n0::/\n", {f"{V1}/memory.limit_in_bytes": f"{LESS}\n"}, LESS),
        ("4:memory:/\n", {f"{V1}/memory.limit_in_bytes": "9223372036854771712\n"}, MACHINE),
        ("5:cpu:/job\n", {f"{V1}/job/memory.limit_in_bytes": f"{LESS}\n"}, MACHINE),
    ],
)
def test_a_container_may_take_less_than_the_machine_has(
    tmp_path: Path, groups: str, limits: dict[str, str], expected: int
) -> None:
    assert available(system(tmp_path, groups, limits)) == expected


def test_elsewhere_there_are_no_control_groups(tmp_path: Path) -> None:
    assert available(tmp_path) == MACHINE


def test_what_is_refused_says_what_it_takes_and_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 8 * memory.GB)
    require_memory("a.csv", 4 * memory.GB)
    with pytest.raises(InputError) as raised:
        require_memory("a.csv", 5 * memory.GB)
    took, limit = "reading it takes about 5.0 GB of memory", "the limit here is 4.0 GB (half of what there is)"
    assert str(raised.value) == f"a.csv: too large: {took}, and {limit}"


def test_a_limit_of_the_shell_leaves_what_is_not_taken_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = 1000
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/statm").write_text(f"{pages} 500 300 1 0 200 0\n")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (LESS, resource.RLIM_INFINITY))
    assert available(tmp_path) == LESS - pages * os.sysconf("SC_PAGE_SIZE")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1, 1))
    assert available(tmp_path) == 0
