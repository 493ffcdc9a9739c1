"""What is found in a file by a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from presets import infer


def test_something_else_is_done_while_a_file_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{row % 7},{row % 3}\n" for row in range(30)))
    done: list[str] = []
    assert infer(path, meanwhile=lambda: done.append("imported")).targets == ("b",)
    assert done == ["imported"]


def test_who_leaves_meanwhile_waits_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "never.csv"
    path.write_text("a,b\n1,2\n")

    def leave() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        infer(path, meanwhile=leave)
