"""A watcher who comes back is told what it missed, whatever kept it away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui_trainer.fake_client import make_welcome
from tests.tui_trainer.view_models.test_away import frame, rows
from tui_trainer.runs.absence import ASLEEP_AFTER, REMEMBER_EVERY, AbsenceWatch
from tui_trainer.runs.last_seen import LastSeen
from tui_trainer.view_models.absence import Seen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel


class Watcher:
    """A screen that comes and goes, by a clock that moves when it is told to."""

    now = 1000.0

    def __init__(self, folder: Path, name: str = "ada@box") -> None:
        self.last_seen = LastSeen(folder, name)
        self.open()

    def open(self) -> None:
        self.run = RunModel(make_welcome())
        self.model = DashboardModel(title="a-run", watcher=self.last_seen.watcher)
        self.model.show(self.run)
        self.model.title = "a-run"
        self.absence = AbsenceWatch(self.model, self.last_seen, lambda: self.now)

    def see(self, epoch: int) -> None:
        first = self.run.history.epochs + 1
        self.run.apply(frame(epoch, first_epoch=first), {"rows": rows([0.5] * (epoch + 1 - first))})
        self.absence.came(self.run)

    def watch(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.now += 1
            self.absence.tick()


@pytest.fixture
def ada(tmp_path: Path) -> Watcher:
    return Watcher(tmp_path)


def test_who_left_and_comes_back_has_missed_what_was_trained_meanwhile(ada: Watcher, tmp_path: Path) -> None:
    ada.see(10)
    assert (ada.model.away, ada.model.has_news) == (None, False), "the first look at a run"
    ada.watch(5)
    ada.see(12)
    ada.absence.remember()
    ada.now += 500
    ada.open()
    ada.see(40)
    assert ada.model.away is not None
    assert (ada.model.away.seen.epoch, ada.model.away.epoch, ada.model.away.seconds) == (12, 40, 500)
    assert ada.model.has_news
    bob = Watcher(tmp_path, "bob@box")
    bob.now = ada.now
    bob.see(40)
    assert bob.model.away is None, "each watcher has seen what it has seen"


def test_who_was_stopped_or_asleep_is_told_at_the_next_frame(ada: Watcher) -> None:
    ada.see(10)
    ada.watch(ASLEEP_AFTER * 2)
    ada.see(11)
    assert ada.model.away is None, "it was awake all the time, only the epochs took long"
    ada.now += ASLEEP_AFTER
    ada.absence.tick()
    ada.see(300)
    assert ada.model.away is not None
    assert (ada.model.away.seen.epoch, ada.model.away.epoch) == (11, 300)
    away = ada.model.away
    ada.watch(3)
    ada.see(301)
    assert ada.model.away is away, "it stands, and is not told twice"


def test_a_screen_that_is_killed_had_seen_what_it_noted_last(ada: Watcher) -> None:
    ada.see(10)
    assert not ada.absence.is_due
    ada.watch(REMEMBER_EVERY)
    assert ada.absence.is_due
    ada.see(40)
    ada.absence.remember()
    assert not ada.absence.is_due
    assert ada.last_seen.of("a-run") == Seen("", 40, 0, ada.now)


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"ada@box": 3}', b"\xff", b'{"ada@box": {"epoch": "x"}}'])
def test_a_damaged_note_is_as_none_and_is_replaced(ada: Watcher, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a-run.json").write_bytes(content)
    assert ada.last_seen.of("a-run") is None
    ada.last_seen.remember("a-run", Seen("", 1, 0, 1.0))
    assert ada.last_seen.of("a-run") == Seen("", 1, 0, 1.0)


def test_any_name_has_a_file_of_its_own_within_the_folder(ada: Watcher, tmp_path: Path) -> None:
    names = ["../../x", "box:a-run", "a/b", "n" * 400, "."]
    for number, name in enumerate(names):
        ada.last_seen.remember(name, Seen("", number, 0, 1.0))
    assert [getattr(ada.last_seen.of(name), "epoch", None) for name in names] == list(range(5))
    assert len(list(tmp_path.iterdir())) == 5


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = LastSeen(tmp_path / "file" / "seen", "ada@box")
    nowhere.remember("a-run", Seen("", 1, 0, 1.0))
    assert nowhere.of("a-run") is None
