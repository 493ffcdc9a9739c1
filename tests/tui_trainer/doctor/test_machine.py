from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tui_trainer.doctor.machine import _blas, _memory, _processors, _quota, configured_to_kill, examine_logout

OPENBLAS = {"internal_api": "openblas", "version": "0.3.27", "architecture": "Haswell"}


def nobody(_: Sequence[str]) -> str | None:
    return None


def systemd(root: Path, files: dict[str, str], group: str = "0::/user.slice/user-1.slice/session-3.scope\n") -> Path:
    for name, text in {"proc/self/cgroup": group, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "run/systemd/system").mkdir(parents=True)
    return root


@pytest.mark.parametrize(
    ("files", "kills"),
    [
        ({}, False),
        ({"etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=yes\n"}, False),
        ({"etc/systemd/logind.conf": "[Login]\nKillUserProcesses=yes\n"}, True),
        ({"usr/lib/systemd/logind.conf.d/50.conf": "KillUserProcesses = true\n"}, True),
        (
            {
                "usr/lib/systemd/logind.conf.d/50.conf": "KillUserProcesses=yes\n",
                "etc/systemd/logind.conf.d/50.conf": "KillUserProcesses=no\n",
            },
            False,
        ),
        (
            {
                "etc/systemd/logind.conf": "KillUserProcesses=no\n",
                "run/systemd/logind.conf.d/90.conf": "KillUserProcesses=yes\n",
            },
            True,
        ),
    ],
)
def test_what_logind_does_is_read_as_it_reads_it(tmp_path: Path, files: dict[str, str], kills: bool) -> None:
    """By logind.conf(5): drop-ins after the file, of two of one name that in /etc."""
    root = systemd(tmp_path, files)
    assert configured_to_kill(root) == kills
    assert bool(examine_logout(nobody, root).advice) == kills


def test_the_running_logind_is_believed_before_its_files(tmp_path: Path) -> None:
    root = systemd(tmp_path, {"etc/systemd/logind.conf": "KillUserProcesses=yes\n"})
    assert examine_logout(lambda _: "b false\n", root).grade == "ok"
    finding = examine_logout(lambda _: "b true\n", root)
    assert finding.grade == "hint"
    assert "enable-linger" in finding.advice


def test_a_service_of_a_user_who_lingers_goes_on(tmp_path: Path) -> None:
    import pwd

    group = f"0::/user.slice/user-{os.getuid()}.slice/user@{os.getuid()}.service/app.slice/run-r1.scope\n"
    root = systemd(tmp_path, {f"var/lib/systemd/linger/{pwd.getpwuid(os.getuid()).pw_name}": ""}, group)
    assert "linger" in examine_logout(lambda _: "b true", root).text
    assert examine_logout(lambda _: "b true", root).grade == "ok"


def test_without_systemd_nothing_ends_a_training(tmp_path: Path) -> None:
    assert examine_logout(nobody, tmp_path).grade == "ok"


def test_several_threads_of_blas_have_their_cure() -> None:
    assert _blas([OPENBLAS], {}).grade == "ok"
    finding = _blas([OPENBLAS], {"OMP_NUM_THREADS": "8", "MKL_NUM_THREADS": "1"})
    assert finding.advice.startswith("unset OMP_NUM_THREADS:")
    assert _blas([], {}).grade == "ok"


def test_what_a_container_may_use_is_said(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    assert "1.5" in _processors(4, _quota(tmp_path / "cpu.max")).text
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert _quota(tmp_path / "cpu.max") is None
    assert _memory(3 * 10**8).grade == "hint"
    assert _memory(3 * 10**9).grade == "ok"
