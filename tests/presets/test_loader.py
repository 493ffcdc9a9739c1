"""Finding and reading presets: the library's, the user's own, and files that are none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import presets
from engine.data import dataset
from engine.errors import InputError

RECIPE = presets.find("breast-cancer").read_text()


@pytest.fixture
def own(home: Path) -> Path:
    """The folder of the user's own presets."""
    folder = presets.user_folder()
    folder.mkdir(parents=True)
    assert folder.is_relative_to(home)
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def refusal(path: Path) -> InputError | None:
    try:
        presets.load(path)
    except InputError as error:
        return error
    return None


def complaint(path: Path) -> str:
    refused = refusal(path)
    assert refused is not None
    assert str(refused).isprintable()
    return str(refused)


class TestBreastCancer:
    def test_the_recipe_is_the_published_one(self) -> None:
        spec = presets.load("breast-cancer")
        assert [(layer.units, layer.activation, layer.dropout) for layer in spec.network.layers] == [
            (16, "relu", 0.2),
            (8, "relu", 0.2),
            (1, "sigmoid", 0),
        ]
        assert (spec.network.initializer, spec.network.bias_initializer) == ("glorot_uniform", "zeros")
        training = spec.training
        assert (training.loss, training.optimizer, training.learning_rate, training.epsilon) == (
            "bce",
            "adam",
            1e-3,
            1e-7,
        )
        assert (training.batch_size, training.epochs, training.shuffle) == (32, 50, True)
        assert (spec.scaler.kind, spec.scaler.fit) == ("standard", "train")

    def test_the_split_is_a_fifth_and_then_a_quarter_of_the_rest(self) -> None:
        data = dataset.load(presets.load("breast-cancer"))
        assert data.validation is not None
        assert data.test is not None
        _, y = load_breast_cancer(return_X_y=True)
        rest, test = train_test_split(range(569), test_size=0.2, random_state=42)
        train, validation = train_test_split(rest, test_size=0.25, random_state=42)
        for part, rows in ((data.train, train), (data.validation, validation), (data.test, test)):
            assert sorted(part.rows.tolist()) == sorted(rows)
            assert part.y.tolist() == (1 - y)[part.rows].tolist()  # 1 is malignant
        assert [len(data.train), len(data.validation), len(data.test)] == [341, 114, 114]


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_of_the_library_is_one_and_bears_its_files_name(name: str) -> None:
    assert presets.load(name).name == name


class TestFinding:
    @pytest.mark.parametrize("data", ["x.csv", "folder/x.NPZ"])
    def test_data_is_not_taken_for_a_recipe(self, data: str) -> None:
        with pytest.raises(
            InputError,
            match=rf"^{data}: expected a recipe, and this is data; train on it with `tui-trainer run {data}`$",
        ):
            presets.load(data)

    def test_an_unknown_name_brings_similar_ones(self) -> None:
        with pytest.raises(InputError, match=r"no preset 'brest-cancer' \(did you mean breast-cancer\b"):
            presets.load("brest-cancer")

    def test_a_name_like_no_other_says_what_was_expected(self) -> None:
        with pytest.raises(InputError, match=r"expected a listed name, or the path of a TOML file"):
            presets.load("zzzzzz")

    def test_ones_own_are_found_by_name_and_listed_after_the_library(self, own: Path) -> None:
        (own / "a-mine.toml").write_text(RECIPE)
        assert presets.names()[-1] == "a-mine"
        assert presets.load("a-mine") == presets.load("breast-cancer").model_copy(update={"name": "a-mine"})
        assert presets.read("a-mine").name == "a-mine"

    def test_a_file_that_is_listed_bears_the_name_it_is_listed_by(self, own: Path, tmp_path: Path) -> None:
        (own / "myown.toml").write_text(RECIPE.replace('name = "breast-cancer"', 'name = "spike"'))
        assert presets.load("myown").name == "myown"
        elsewhere = tmp_path / "elsewhere.toml"
        elsewhere.write_text((own / "myown.toml").read_text())
        assert presets.load(elsewhere).name == "spike"

    def test_a_file_without_a_name_has_its_own(self, tmp_path: Path) -> None:
        file = tmp_path / "Größe_2.toml"
        file.write_text(RECIPE.replace('name = "breast-cancer"\n', ""))
        assert presets.load(file).name == "grosse-2"

    def test_the_librarys_names_are_fixed(self, own: Path) -> None:
        mine = own / "breast-cancer.toml"
        mine.write_text(RECIPE.replace("epochs = 50", "epochs = 7"))
        assert presets.names().count("breast-cancer") == 1
        assert presets.load("breast-cancer").training.epochs == 50
        assert presets.load(mine).training.epochs == 7

    def test_a_name_is_never_a_file_of_the_current_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "breast-cancer").write_text("no preset")
        assert presets.load("breast-cancer").training.epochs == 50

    @pytest.mark.parametrize("name", ["", ".", "x.json", "a\0b", "\x1b[31m", "-", "*"])
    def test_odd_names_are_harmless(self, name: str) -> None:
        with pytest.raises(InputError) as caught:
            presets.load(name)
        assert str(caught.value).isprintable()


class TestSetting:
    def test_values_at_dotted_paths_are_replaced(self) -> None:
        spec = presets.load("breast-cancer", set={"training.epochs": 5, "network.units": [4], "network.dropout": 0})
        assert spec.training.epochs == 5
        assert [(layer.units, layer.dropout) for layer in spec.network.layers] == [(4, 0), (1, 0)]

    def test_a_path_that_leads_nowhere_is_named(self) -> None:
        with pytest.raises(InputError, match=r"^training\.rate: unknown key"):
            presets.load("breast-cancer", set={"training.rate": 1})


class TestDataFiles:
    CSV = RECIPE.replace('source = "breast-cancer"', 'source = "rows.csv"\ntarget = "y"')

    def test_are_looked_for_beside_the_preset(self, file: Path) -> None:
        file.write_text(self.CSV)
        assert presets.load(file).data.source == file.parent / "rows.csv"

    def test_absolute_ones_stay(self, file: Path) -> None:
        file.write_text(self.CSV.replace("rows.csv", "/elsewhere/rows.csv"))
        assert presets.load(file).data.source == Path("/elsewhere/rows.csv")

    def test_named_on_the_way_are_looked_for_in_the_current_folder(
        self, file: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = tmp_path_factory.mktemp("here")
        monkeypatch.chdir(here)
        file.write_text(self.CSV)
        assert presets.load(file, set={"data.source": "other.csv"}).data.source == here / "other.csv"
        assert presets.load(file, data="other.csv").data.source == here / "other.csv"
        assert presets.load(file, set={"training.epochs": 1}).data.source == file.parent / "rows.csv"

    def test_given_in_place_of_the_presets_need_what_that_kind_of_data_needs(self) -> None:
        with pytest.raises(InputError, match=r"^x\.csv: data\.target: this key is required"):
            presets.load("breast-cancer", data="x.csv")

    def test_their_options_are_set_beside_them(self) -> None:
        spec = presets.load("xor", data="x.csv", set={"data.target": "y", "training.epochs": 1})
        assert spec.data.model_dump(exclude_defaults=True) == {"source": Path("x.csv").absolute(), "target": "y"}

    def test_another_kind_of_source_leaves_no_options_behind(self) -> None:
        moons = presets.load("xor", set={"data.noise": 0.5, "data.source": "moons"}).data.model_dump()
        assert (moons["samples"], moons["noise"]) == (100, 0.5)  # not the four corners of xor
        rows = presets.load("xor", set={"data.source": "x.csv", "data.target": "y"}).data
        assert rows.model_dump(exclude_defaults=True)["target"] == "y"


class TestBadFiles:
    @given(good=st.integers(0, 20), rest=st.integers(0, 20))
    def test_a_syntax_error_is_named_with_file_and_line(
        self, good: int, rest: int, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "broken.toml"
        lines = [f"key{number} = {number}" for number in range(good + rest)]
        file.write_text("\n".join([*lines[:good], "broken = = 1", *lines[good:]]))
        assert complaint(file).startswith(f"{file}: line {good + 1}, column ")

    def test_a_syntax_error_at_the_very_end_names_the_last_line(self, file: Path) -> None:
        file.write_text("a = 1\nb = [1,\n2")
        assert complaint(file).startswith(f"{file}: line 3: ")

    def test_a_wrong_key_is_named(self, file: Path) -> None:
        file.write_text(RECIPE.replace("learning_rate", "learning_rat"))
        assert complaint(file) == f"{file}: training.learning_rat: unknown key; did you mean learning_rate?"

    def test_a_wrong_type_is_named_with_what_was_expected(self, file: Path) -> None:
        file.write_text(RECIPE.replace("epochs = 50", 'epochs = "many"'))
        assert complaint(file).startswith(f"{file}: training.epochs: expected a whole number (got ")

    def test_tables_beside_the_recipe_do_not_touch_the_spec(self, file: Path) -> None:
        file.write_text(RECIPE.replace('kind = "tutorial"', 'kind = "own"') + '\n[[claims]]\ncase = "y"\n')
        assert presets.load(file) == presets.load("breast-cancer")

    @pytest.mark.parametrize(
        ("card", "expected"),
        [
            ("sumary = 'x'", "card.sumary: unknown key; did you mean summary?"),
            ("kind = 'lab'", "card.kind: expected 'tutorial', 'mistake', 'classic' or 'own' (got 'lab')"),
            (f"summary = '{'x' * 61}'", "card.summary: string should have at most 60 characters"),
        ],
    )
    def test_a_card_that_is_none_is_named(self, file: Path, card: str, expected: str) -> None:
        file.write_text(re.sub(r"kind = .*\nsummary = .*", card, RECIPE, count=1))
        with pytest.raises(InputError) as refused:
            presets.read(file)
        assert str(refused.value).startswith(f"{file}: {expected}")

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"a = 1\nb = '\xff'", "line 2: expected a TOML file in UTF-8"),
            (b"a = " + b"[" * 5000, "expected a preset in TOML"),
            (b"a = " + b"9" * 6000, "expected a preset in TOML"),
            (b"#" * (17 * 2**20), "none is larger than 16 MB"),
        ],
        ids=["no UTF-8", "nested", "a long number", "a long file"],
    )
    def test_what_no_preset_holds_is_refused(self, file: Path, content: bytes, expected: str) -> None:
        file.write_bytes(content)
        assert expected in complaint(file)

    def test_what_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        assert complaint(tmp_path / "none.toml") == f"{tmp_path}/none.toml: cannot be read (no such file or directory)"
        assert complaint(tmp_path) == f"{tmp_path}: cannot be read (is a directory)"
        assert "none is larger" in complaint(Path("/dev/zero"))

    @given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
    def test_garbage_is_refused_in_one_line_that_begins_with_the_file(
        self, tmp_path_factory: pytest.TempPathFactory, content: bytes
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "garbage.toml"
        file.write_bytes(content)
        assert complaint(file).startswith(f"{file}: ")

    @given(position=st.integers(0, len(RECIPE)), inserted=st.text(max_size=8))
    def test_a_damaged_recipe_is_read_or_refused(
        self, tmp_path_factory: pytest.TempPathFactory, position: int, inserted: str
    ) -> None:
        file = tmp_path_factory.getbasetemp() / "damaged.toml"
        file.write_bytes((RECIPE[:position] + inserted + RECIPE[position:]).encode())
        assert refusal(file) is None or complaint(file).startswith(f"{file}: ")


def test_what_is_other_than_in_the_preset() -> None:
    assert presets.differences(presets.load("xor")) == {}
    changed = presets.load("xor", set={"training.schedule.kind": "cosine", "network.units": [4, 2], "data.noise": 0.5})
    expected = {"data.noise": "0.5", "training.schedule.kind": "cosine", "network.units": [4, 2, 1]}
    assert presets.differences(changed) == expected
    relu = presets.load("xor", set={"network.units": [4, 2], "network.layers.0.activation": "relu"})
    assert presets.differences(relu)["network.activations"] == ["relu", "tanh", "sigmoid"]
    assert presets.differences(changed.model_copy(update={"name": "mine"})) == {}
