"""Other names for runs: whole or not at all, under the locks of all that are concerned."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import InputError, RunBusyError
from engine.spec import Spec
from engine.store.named_folders import RUN, SWEEP, NamedFolders
from engine.store.runs import Run, RunStore
from tests.engine.store.test_runs import held, touched


@pytest.fixture
def child(store: RunStore, run: Run, spec: Spec) -> Run:
    """Return a run that branched from ``run``."""
    return store.create(spec, [42], parent=f"{run.name}@30")


def test_a_renamed_run_keeps_all_it_has_and_its_age(store: RunStore, run: Run) -> None:
    run.metrics.append(1, np.ones((3, 1, 5)))
    run.metrics.close()
    touched(run, 1_000_000)
    renamed = store.rename(run.name, "better")
    assert not run.path.exists()
    assert store.open("better").description == run.description.model_copy(update={"run": "better"})
    assert renamed.metrics.rows().shape == (3, 1, 5)
    assert renamed.last_active() == 1_000_000 * 10**9
    renamed.check()


def test_branches_go_on_naming_their_parent(store: RunStore, run: Run, child: Run, spec: Spec) -> None:
    other = store.create(spec, [42], parent=f"{run.name}0@30")
    store.rename(run.name, "better")
    assert store.open(child.name).description.parent == "better@30"
    assert store.open(other.name).description.parent == f"{run.name}0@30"


@pytest.mark.parametrize("name", ["taken", "No Name", "../x", ""])
def test_a_name_that_will_not_do(store: RunStore, run: Run, spec: Spec, name: str) -> None:
    store.create(spec, [1], name="taken")
    with pytest.raises(InputError, match=r"taken|expected small letters"):
        store.rename(run.name, name)
    assert store.open(run.name).description.run == run.name


def test_a_run_at_work_is_not_renamed_nor_one_whose_branch_is(store: RunStore, run: Run, child: Run) -> None:
    for busy in (run, child):
        with held(busy), pytest.raises(RunBusyError, match=f"run {busy.name} is held by its worker; attach to it"):
            store.rename(run.name, "better")
    assert sorted(each.name for each in store.runs()) == sorted([run.name, child.name])
    store.rename(run.name, "better")


def test_its_size_is_that_of_its_files(run: Run) -> None:
    before = run.size()
    (run.path / "checkpoints").mkdir()
    (run.path / "checkpoints" / "a").write_bytes(b"x" * 1234)
    assert run.size() == before + 1234
    assert before == (run.path / "run.json").stat().st_size


def test_no_run_has_the_name_of_a_sweep_and_no_sweep_that_of_a_run(store: RunStore, run: Run, spec: Spec) -> None:
    runs, sweeps = NamedFolders(store.root, RUN), NamedFolders(store.root, SWEEP)
    sweeps.create("grid", "", lambda folder: None)
    for folders, taken in ((runs, "grid"), (sweeps, run.name)):
        with pytest.raises(InputError, match="this name is taken; choose another one"):
            folders.create(taken, "", lambda folder: None)
    with pytest.raises(InputError, match="run grid: this name is taken"):
        store.rename(run.name, "grid")
    with pytest.raises(InputError, match=f"sweep {run.name}: this name is taken"):
        sweeps.rename("grid", run.name)
    with pytest.raises(InputError, match="run grid: is a sweep, and no run; tui-trainer sweep grid shows it"):
        store.find("grid")
    with pytest.raises(InputError, match=f"is a run, and no sweep; tui-trainer attach {run.name} shows it"):
        sweeps.find(run.name)


def test_the_next_free_number_passes_by_what_the_other_kind_has(store: RunStore) -> None:
    runs, sweeps = NamedFolders(store.root, RUN), NamedFolders(store.root, SWEEP)
    sweeps.create("moons-1", "", lambda folder: None)
    assert [runs.create(None, "moons", lambda folder: None).name for _ in range(2)] == ["moons-2", "moons-3"]
    assert runs.create("moons-9", "", lambda folder: None).name == "moons-9"
    assert runs.create(None, "moons", lambda folder: None).name == "moons-10"
