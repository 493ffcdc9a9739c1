"""The wheel: what it holds, and that it runs where nothing else of this tree is at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"engine", "presets", "tui_trainer"}
DATA = {".jinja", ".toml", ".tcss", ".typed"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed program, in an environment that borrows nothing but the dependencies."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    # A .pth file within a folder that is added by a .pth file does not count, so this tree is not added with it.
    (Path(site.strip()) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment / "bin" / "tui-trainer"


@pytest.fixture
def decoy(tmp_path: Path) -> Path:
    """A folder of the user's with packages that are named as ours."""
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the decoy was imported')")
    return tmp_path


def pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def call(program: Path, folder: Path, *arguments: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [program, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_holds_the_three_packages_with_their_data_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == PACKAGES
    ours = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in {".py", *DATA}
    }
    assert names == ours


def test_installed_it_runs_beside_decoys(program: Path, decoy: Path) -> None:
    listed = [json.loads(line)["name"] for line in call(program, decoy, "presets", "--json").splitlines()]
    assert listed == sorted(path.stem for path in (ROOT / "presets" / "library").glob("*.toml"))
    told = call(program, decoy, "run", "breast-cancer", "--headless", "--json", "--epochs", "1").splitlines()
    assert [json.loads(line)["kind"] for line in told] == ["started", "epoch", "finished"]


def test_installed_it_does_not_see_this_tree(program: Path, tmp_path: Path) -> None:
    python = program.with_name("python")
    script = "import engine, presets, tui_trainer; print(engine.__file__, presets.__file__, tui_trainer.__file__)"
    files = subprocess.check_output([python, "-c", script], cwd=tmp_path, text=True).split()
    assert all(Path(file).is_relative_to(program.parents[1]) for file in files)
