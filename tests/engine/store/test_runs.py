"""The store and its runs: names, descriptions, locks, listings."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError, RunBusyError, TrainerError
from engine.protocol.version import PROTOCOL
from engine.run.description import Reported, RunSummary, Trained
from engine.run.metrics import METRICS, Metric, MetricSet
from engine.spec import Spec, override
from engine.store import locks
from engine.store.checksums import BLANK, KEY, seal
from engine.store.runs import Run, RunStore
from tests.engine.store.complaints import complaint_of, is_none_or_names

HOLD = """
import sys
from pathlib import Path
from engine.store.runs import Run
with Run(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(run: Run) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the run's lock."""
    command = [sys.executable, "-c", HOLD, str(run.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def touched(run: Run, seconds: int) -> None:
    for path in run.path.iterdir():
        os.utime(path, (seconds, seconds))


# Where the store is


def test_the_root_is_the_argument_else_the_environment_else_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_TRAINER_HOME", str(tmp_path / "home"))
    assert RunStore(tmp_path).root == tmp_path
    assert RunStore().root == tmp_path / "home"
    monkeypatch.setenv("TUI_TRAINER_HOME", "")
    assert RunStore().root.name == "tui-trainer"
    monkeypatch.delenv("TUI_TRAINER_HOME")
    assert RunStore().root.name == "tui-trainer"
    assert list(tmp_path.iterdir()) == []


def test_a_relative_root_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: Spec) -> None:
    monkeypatch.chdir(tmp_path)
    store = RunStore(Path("here"))
    monkeypatch.chdir("/")
    store.create(spec, [1])
    assert (tmp_path / "here" / "runs" / "breast-cancer-1" / "run.json").is_file()


def test_an_empty_store(store: RunStore) -> None:
    assert store.runs() == []
    assert store.latest() is None
    assert store.listing().summaries == ()
    with pytest.raises(InputError, match="there is none of this name"):
        store.open("breast-cancer-1")
    assert not store.root.exists()


def test_a_store_that_cannot_be_made_is_one_line(tmp_path: Path, spec: Spec) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file/runs: cannot be written \(.*\); TUI_TRAINER_HOME"):
        RunStore(tmp_path / "file").create(spec, [1])


# Creating


def test_what_a_run_was_started_as_comes_back(store: RunStore, spec: Spec) -> None:
    before = datetime.now(UTC)
    made = store.create(spec, range(7, 10), name="mine", pace=2.5, group="rates")
    found = store.open("mine").description
    assert found == made.description
    assert (found.run, found.title, found.pace, found.group) == ("mine", spec.name, 2.5, "rates")
    assert found.recipe == Trained(preset=spec.name, spec=spec, seeds=(7, 8, 9))
    assert (found.seeds, found.columns.names) == ((7, 8, 9), METRICS.names)
    assert found.format_version == 2
    assert before <= found.created <= datetime.now(UTC)
    assert found.created.utcoffset() == timedelta(0)
    assert re.match(r"\d+\.\d+", found.version)


@given(rate=st.floats(min_value=0, exclude_min=True, allow_infinity=False), seeds=st.lists(st.integers(0), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example makes its own run
def test_numbers_survive_to_the_last_bit(store: RunStore, spec: Spec, rate: float, seeds: list[int]) -> None:
    started = override(spec, {"training.learning_rate": rate})
    found = store.open(store.create(started, seeds).name).description
    assert found.trained.spec == started
    assert found.seeds == tuple(seeds)


def test_a_run_of_another_program_has_a_name_columns_and_options_of_its_own(store: RunStore) -> None:
    recipe = Reported(source="PyTorch: ResNet", config={"lr": 0.1, "layers": [3, 4]}, seeds=(5,))
    columns = MetricSet([Metric(name="loss", better="lower"), Metric(name="bleu", part="validation", better="higher")])
    run = store.create_reported(recipe, columns)
    found = store.open("pytorch-resnet-1")
    assert run.description == found.description
    assert (found.description.recipe, found.description.columns) == (recipe, columns)
    assert (found.summary().preset, found.summary().epochs) == ("PyTorch: ResNet", 0)
    with pytest.raises(InputError, match="run pytorch-resnet-1: PyTorch: ResNet trains it"):
        _ = found.description.trained


def test_default_names_count(store: RunStore, spec: Spec) -> None:
    assert [store.create(spec, [1]).name for _ in range(3)] == ["breast-cancer-1", "breast-cancer-2", "breast-cancer-3"]
    store.delete("breast-cancer-1")
    store.create(spec, [1], name="breast-cancer-41")
    store.create(spec, [1], name="breast-cancer-41-b")
    assert store.create(spec, [1]).name == "breast-cancer-42"


def test_the_name_of_a_broken_run_is_not_given_again(store: RunStore, spec: Spec) -> None:
    (store.create(spec, [1]).path / "run.json").unlink()
    (store.root / "runs" / "breast-cancer-2").write_text("a file in the way")
    assert store.create(spec, [1]).name == "breast-cancer-3"


def test_a_taken_name_is_refused_and_nothing_is_left(store: RunStore, spec: Spec) -> None:
    kept = store.create(spec, [1], name="mine").description
    with pytest.raises(
        InputError, match="run mine: this name is taken; choose another one, or first: tui-trainer delete mine"
    ):
        store.create(spec, [2], name="mine")
    assert store.open("mine").description == kept
    assert [path.name for path in (store.root / "runs").iterdir()] == ["mine"]


def test_runs_made_at_once_get_names_of_their_own(store: RunStore, spec: Spec) -> None:
    start = threading.Barrier(4)

    def create(_worker: int) -> list[str]:
        start.wait()
        return [RunStore(store.root).create(spec, [1]).name for _ in range(10)]

    with ThreadPoolExecutor(4) as pool:
        names = [name for made in pool.map(create, range(4)) for name in made]
    assert sorted(names) == sorted({run.name for run in store.runs()})
    assert len(set(names)) == 40


# Names


@pytest.mark.parametrize("name", ["a", "0", "a-", "a--b", "breast-cancer-1", "x" * 100])
def test_good_names(store: RunStore, spec: Spec, name: str) -> None:
    assert store.create(spec, [1], name=name).name == name
    assert store.open(name).name == name


BAD_NAMES = st.text(max_size=120).filter(lambda name: not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", name))


@pytest.mark.parametrize("method", ["create", "open", "delete"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=BAD_NAMES | st.sampled_from(["", ".", "..", "../x", "/etc", "a/b", "-a", "A", "a\n", "é", "x" * 101]))
def test_bad_names_lead_nowhere(store: RunStore, spec: Spec, method: str, name: str) -> None:
    actions: dict[str, Callable[[], object]] = {
        "create": lambda: store.create(spec, [1], name=name),
        "open": lambda: store.open(name),
        "delete": lambda: store.delete(name),
    }
    with pytest.raises(InputError, match=r"run name .*: expected small letters, digits and dashes") as caught:
        actions[method]()
    assert str(caught.value).isprintable()
    assert not store.root.exists()


def test_a_missing_run_names_close_matches(store: RunStore, run: Run) -> None:
    with pytest.raises(InputError, match=r"run brest-cancer-1: there is none .*; did you mean breast-cancer-1\?"):
        store.open("brest-cancer-1")


# Damaged descriptions


def test_a_description_cut_at_any_length_is_named(store: RunStore, run: Run) -> None:
    path = run.path / "run.json"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"run\.json: not JSON, or cut"):
            store.open(run.name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), garbage=st.binary(min_size=1, max_size=9))
def test_garbage_in_a_description_is_read_or_named(store: RunStore, spec: Spec, place: int, garbage: bytes) -> None:
    run = store.create(spec, [1])
    path = run.path / "run.json"
    data = bytearray(path.read_bytes())
    data[place % len(data) : place % len(data) + len(garbage)] = garbage
    path.write_bytes(data)
    assert is_none_or_names(path, complaint_of(lambda: store.open(run.name)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_in_a_description_is_named(run: Run, place: int, bit: int) -> None:
    path = run.path / "run.json"
    whole = path.read_bytes()
    data = bytearray(whole)
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    complaint = complaint_of(lambda: Run(run.path).description)
    path.write_bytes(whole)
    assert complaint is not None
    assert is_none_or_names(path, complaint)


def test_a_description_of_todays_format_without_its_checksum_is_named(store: RunStore, run: Run) -> None:
    path = run.path / "run.json"
    document = json.loads(path.read_bytes())
    del document["sha256"]
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match=r"run\.json: damaged \(it has no sha256\)"):
        store.open(run.name)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"format_version": 3}, r"written by a newer tui-trainer \(format 3; this one reads up to 2\)"),
        ({"format_version": None}, "no format version"),
        ({"recipe": {"kind": "reported", "source": "x", "seeds": []}}, r"recipe\.reported\.seeds: "),
        ({"recipe": {"kind": "reported", "source": "x", "seeds": ["\x1b[31mred"]}}, r"recipe\.reported\.seeds\.0: "),
        ({"metrics": [{"name": "loss"}, {"name": "loss"}]}, "expected metrics of different names"),
        ({"mood": "good"}, "mood: unknown key"),
        (
            {"recipe": {"kind": "trained", "preset": "x", "spec": {}, "seeds": [1]}},
            r"recipe\.trained\.spec\.name: this",
        ),
    ],
)
def test_a_description_of_something_else_is_named(
    store: RunStore, run: Run, values: dict[str, object], complaint: str
) -> None:
    path = run.path / "run.json"
    path.write_bytes(seal(json.dumps(json.loads(path.read_bytes()) | values | {KEY: BLANK}).encode()))
    with pytest.raises(InputError, match=rf"run\.json: {complaint}") as caught:
        store.open(run.name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("content", ["[]", "null", '"text"', "[" * 100_000])
def test_json_that_is_no_description_is_named(store: RunStore, run: Run, content: str) -> None:
    (run.path / "run.json").write_text(content)
    with pytest.raises(InputError, match=r"run\.json: (expected a JSON object|not JSON)"):
        store.open(run.name)


# Locks


def test_a_run_has_one_holder(run: Run) -> None:
    with held(run):
        assert run.is_locked()
        complaint = "run breast-cancer-1 is held by its worker; attach to it, or stop it first"
        with pytest.raises(RunBusyError, match=complaint), run.lock():
            pass
    assert not run.is_locked()
    with run.lock():
        assert run.is_locked()
        with pytest.raises(RunBusyError), Run(run.path).lock():
            pass
        assert run.is_locked()
    assert not run.is_locked()


def test_the_refusal_names_the_process(run: Run) -> None:
    run.metrics.record_state(pid=4711)
    run.metrics.close()
    with run.lock(), pytest.raises(RunBusyError, match=r"\(process 4711\)"), Run(run.path).lock():
        pass


def test_those_who_look_do_not_see_each_other(run: Run) -> None:
    with run.lock():
        pass
    with (run.path / "worker.lock").open("rb") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert not run.is_locked()


def test_a_look_does_not_keep_a_worker_out_however_long_the_machine_stops_who_looks(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LOCK_PATIENCE", 0.001)
    with run.lock():
        pass
    looking = (run.path / "worker.lock").open("rb")
    fcntl.flock(looking, fcntl.LOCK_SH)
    glance = threading.Timer(0.1, looking.close)
    glance.start()
    with run.lock():
        assert run.is_locked()
    glance.join()


def test_an_error_inside_lets_go(run: Run) -> None:
    with pytest.raises(ZeroDivisionError), run.lock():
        raise ZeroDivisionError
    assert not run.is_locked()


def test_a_lock_that_cannot_be_made_is_one_line(run: Run) -> None:
    (run.path / "worker.lock").mkdir()
    with pytest.raises(TrainerError, match=r"worker\.lock: cannot be locked"), run.lock():
        pass


def test_locking_a_run_that_was_deleted_meanwhile_does_not_bring_it_back(store: RunStore, run: Run) -> None:
    store.delete(run.name)
    with pytest.raises(InputError, match="run breast-cancer-1: its directory is gone"), run.lock():
        pass
    assert not run.path.exists()


# Summaries


def test_a_summary_has_the_fields_of_the_contract(run: Run) -> None:
    assert " ".join(RunSummary.model_fields) == "run preset state epoch epochs socket version protocol"
    assert run.summary() == RunSummary(
        run="breast-cancer-1",
        preset="breast-cancer",
        state="stopped",
        epoch=0,
        epochs=50,
        socket=None,
        version=run.description.version,
        protocol=PROTOCOL,
    )


@pytest.mark.parametrize(
    ("recorded", "locked", "state"),
    [
        (None, False, "stopped"),
        (None, True, "running"),
        ("running", True, "running"),
        ("paused", True, "paused"),
        ("finished", True, "finished"),
        ("running", False, "died"),
        ("paused", False, "died"),
        ("finished", False, "finished"),
        ("stopped", False, "stopped"),
    ],
)
def test_the_state_is_what_is_true_now(run: Run, recorded: str | None, locked: bool, state: str) -> None:
    if recorded is not None:
        run.metrics.record_state(
            state=recorded, epoch=7, epochs=60, socket="/tmp/x.sock", version="9.9", protocol=8, pid=1
        )
    if locked:
        with held(run):
            summary = run.summary()
    else:
        summary = run.summary()
    assert summary.state == state
    assert summary.socket == ("/tmp/x.sock" if recorded and locked else None)
    if recorded:
        assert (summary.epoch, summary.epochs, summary.version, summary.protocol) == (7, 60, "9.9", 8)


def test_a_worker_that_ends_while_one_looks_has_not_died(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.metrics.record_state(state="running")

    def end_between() -> bool:
        monkeypatch.undo()
        run.metrics.record_state(state="finished")
        return True

    monkeypatch.setattr(run, "is_locked", end_between)
    assert run.summary().state == "finished"


def test_a_worker_that_starts_while_one_looks_has_not_died(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(run, "is_locked", lambda: next(answers))
    run.metrics.record_state(state="running")
    assert run.summary().state == "running"


# Listings


def test_the_last_active_run_comes_first(store: RunStore, spec: Spec) -> None:
    runs = [store.create(spec, [1], name=name) for name in ("a", "b", "c", "d")]
    runs[1].metrics.record_state(state="running")
    for seconds, run in enumerate(runs):
        touched(run, 1000 + seconds)
    runs[1].metrics.record_state(state="paused")
    touched(runs[2], 999)
    assert [run.name for run in store.runs()] == ["b", "d", "a", "c"]
    latest = store.latest()
    assert latest is not None
    assert latest.name == "b"
    assert [summary.run for summary in store.listing().summaries] == ["b", "d", "a", "c"]


def test_looking_at_a_run_does_not_make_it_active(store: RunStore, spec: Spec) -> None:
    for name in ("old", "new"):
        run = store.create(spec, [1], name=name)
        run.metrics.record_state(state="finished")
        run.metrics.close()
        touched(run, 1000 if name == "old" else 2000)
    store.open("old").metrics.rows()
    store.open("old").summary()
    assert [run.name for run in store.runs()] == ["new", "old"]


def test_broken_runs_are_told_of_and_break_nothing(store: RunStore, spec: Spec) -> None:
    for name in ("good", "cut", "bare", "no-metrics"):
        store.create(spec, [1], name=name)
    runs = store.root / "runs"
    (runs / "cut" / "run.json").write_text("{")
    (runs / "bare" / "run.json").unlink()
    (runs / "no-metrics" / "metrics.sqlite").write_text("not a database, and longer than a header of 16 bytes")
    (runs / ".new-left-behind").mkdir()
    (runs / "Somebody's folder").mkdir()
    (runs / "a-file").write_text("")
    listing = store.listing()
    assert [summary.run for summary in listing.summaries] == ["good"]
    assert sorted(re.sub(r".*/runs/([^:]*): ([\w ]*).*", r"\1: \2", problem) for problem in listing.problems) == [
        "bare/run.json: cannot be read ",
        "cut/run.json: not JSON",
        "no-metrics/metrics.sqlite: damaged",
    ]
    assert {run.name for run in store.runs()} == {"good", "no-metrics"}
    latest = store.latest()
    assert latest is not None
    assert latest.name in {"good", "no-metrics"}


# Deleting


def test_a_deleted_run_is_gone(store: RunStore, run: Run) -> None:
    run.metrics.record_state(state="finished")
    store.delete(run.name)
    assert list((store.root / "runs").iterdir()) == []
    with pytest.raises(InputError, match="there is none of this name"):
        store.delete(run.name)


def test_a_run_at_work_is_not_deleted(store: RunStore, run: Run) -> None:
    with held(run), pytest.raises(RunBusyError, match="stop it first"):
        store.delete(run.name)
    assert store.open(run.name).description == run.description


def test_a_broken_run_can_be_deleted(store: RunStore, run: Run) -> None:
    (run.path / "run.json").write_text("{")
    (run.path / "metrics.sqlite").write_text("{")
    store.delete(run.name)
    assert not run.path.exists()


def test_a_linked_run_is_not_deleted_through_the_link(store: RunStore, run: Run, tmp_path: Path) -> None:
    shutil.move(run.path, tmp_path / "elsewhere")
    run.path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TrainerError, match="run breast-cancer-1: cannot be deleted"):
        store.delete(run.name)
    assert (tmp_path / "elsewhere" / "run.json").is_file()
