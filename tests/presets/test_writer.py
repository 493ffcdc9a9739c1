from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import presets
from engine.errors import InputError, TrainerError
from engine.spec import Spec, override, validate
from presets.writer import dumps

HIDDEN = ("identity", "sigmoid", "tanh", "relu", "leaky_relu")
POSITIVE = st.floats(1e-30, 1e30, allow_subnormal=False)
FRACTIONS = st.floats(0, 0.99)
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@st.composite
def data(draw: st.DrawFn) -> dict[str, Any]:
    """Return a table of data with what TOML finds hard: paths, quotes, control characters, extreme numbers."""
    path = Path("/data") / draw(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=9))
    tables = [
        {"source": "breast-cancer"},
        {"source": f"{path}.csv", "target": draw(TEXTS)},
        {"source": "moons", "noise": draw(st.floats(0, 3))},
    ]
    return draw(st.sampled_from(tables))


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """Return a recipe with anything in it that the dials, the surgeon or a file can put there."""
    units = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
    hidden = [{"units": n, "activation": draw(st.sampled_from(HIDDEN)), "dropout": draw(FRACTIONS)} for n in units[:-1]]
    network = {
        "layers": [*hidden, {"units": units[-1], "activation": "sigmoid"}],
        "initializer_scale": draw(POSITIVE),
        "biases": [[draw(st.floats(-1e300, 1e300)) for _ in range(n)] for n in units] if draw(st.booleans()) else None,
    }
    training = {
        "loss": "bce",
        "learning_rate": draw(POSITIVE),
        "batch_size": draw(st.one_of(st.just("full"), st.integers(1, 10**6))),
        "epochs": draw(st.integers(0, 10**9)),
        "clip": draw(st.floats(0, 1e300)),
        "schedule": {"kind": draw(st.sampled_from(("constant", "step", "cosine"))), "factor": draw(POSITIVE)},
    }
    changes = draw(st.lists(st.fixed_dictionaries({"epoch": st.integers(1, 99), "set": st.just({"training.l2": 0.1})})))
    document = {"name": "x", "data": draw(data()), "network": network, "training": training, "changes": changes}
    return validate(document, where="a test")


@given(specs())
def test_what_is_written_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, spec: Spec) -> None:
    path = tmp_path_factory.mktemp("presets") / "x.toml"
    path.write_text(dumps(spec), encoding="utf-8")
    assert presets.load(path) == spec


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_of_the_library_survives_the_writing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "copy.toml"
    path.write_text(dumps(presets.load(name)), encoding="utf-8")
    assert presets.load(path) == presets.load(name)


def test_layers_are_written_a_line_each() -> None:
    lines = dumps(presets.load("breast-cancer")).splitlines()
    assert '    { units = 16, activation = "relu", dropout = 0.2 },' in lines


def test_a_saved_preset_is_listed_and_loaded_by_its_name() -> None:
    spec = override(presets.load("wine"), {"network.units": [5, 4]})
    path = presets.save(spec, "my-wine")
    assert path == presets.user_folder() / "my-wine.toml"
    assert presets.names()[-1] == "my-wine"
    assert presets.load("my-wine") == spec.model_copy(update={"name": "my-wine"})


def test_a_relative_data_file_is_named_by_its_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    table = {"data": {"source": "x.csv", "target": "y"}}
    document = presets.load("breast-cancer").model_dump(mode="json") | table
    text = dumps(validate(document, where="a test"))
    assert tomllib.loads(text)["data"]["source"] == str(tmp_path / "x.csv")


def test_what_is_there_is_overwritten_only_where_that_is_wanted() -> None:
    presets.save(presets.load("wine"), "mine")
    with pytest.raises(InputError, match=r"mine\.toml: there is a preset of this name already"):
        presets.save(presets.load("iris"), "mine")
    assert presets.load("mine").data.source == "wine"
    presets.save(presets.load("iris"), "mine", overwrite=True)
    assert presets.load("mine").data.source == "iris"


@pytest.mark.parametrize("name", ["", "-x", "Wine", "a/b", "../x", "x.toml", "x" * 81, "x\n"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="expected small letters, digits and dashes"):
        presets.save(presets.load("wine"), name)


def test_names_of_the_library_are_refused() -> None:
    with pytest.raises(InputError, match="wine: a preset of the library"):
        presets.save(presets.load("wine"), "wine")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUI_TRAINER_CONFIG", str(tmp_path / "file"))
    with pytest.raises(TrainerError, match="presets: cannot be made"):
        presets.save(presets.load("wine"), "mine")


def test_the_config_folder_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_TRAINER_CONFIG", str(tmp_path / "here"))
    assert presets.save(presets.load("wine"), "mine") == tmp_path / "here" / "presets" / "mine.toml"


@given(specs())
def test_what_is_printed_of_ones_own_reads_back_equal(tmp_path_factory: pytest.TempPathFactory, spec: Spec) -> None:
    folder = tmp_path_factory.mktemp("presets")
    (folder / "x.toml").write_text(dumps(spec), encoding="utf-8")
    printed = presets.text_of(presets.read(folder / "x.toml"))
    assert all(char.isprintable() or char in "\n\t" or char.isspace() for char in printed)
    (folder / "copy.toml").write_text(printed, encoding="utf-8")
    assert presets.load(folder / "copy.toml") == spec


@pytest.mark.parametrize("name", presets.names())
def test_what_is_printed_of_the_librarys_is_its_file(name: str) -> None:
    assert presets.text_of(presets.read(name)) == presets.find(name).read_text(encoding="utf-8")


def test_a_file_beside_a_printed_preset_is_named_by_its_whole_path(tmp_path: Path) -> None:
    text = presets.find("xor").read_text(encoding="utf-8")
    table = 'source = "rows.csv"\ntarget = "a\u202eb"'
    (tmp_path / "mine.toml").write_text(text.replace('source = "xor"\nsamples = 4\nnoise = 0.0', table))
    (tmp_path / "elsewhere").mkdir()
    copy = tmp_path / "elsewhere" / "copy.toml"
    printed = presets.text_of(presets.read(tmp_path / "mine.toml"))
    copy.write_text(printed)
    assert "\u202e" not in printed
    assert presets.load(copy) == presets.load(tmp_path / "mine.toml")
    assert presets.read(copy).card == presets.read(tmp_path / "mine.toml").card
