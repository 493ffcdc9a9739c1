from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import TrainerError
from tui_trainer.settings import FILE, LoadedSettings, Settings, choices, load, save

SETTINGS = st.builds(
    Settings,
    vocabulary=st.sampled_from(("standard", "plain", "committee")),
    log_axis=st.booleans(),
    theme=st.sampled_from(("dark", "light", "color-blind", "16-colors")),
    glyphs=st.sampled_from(("auto", "braille", "blocks", "ascii")),
    bell=st.booleans(),
    place=st.sampled_from((1, 2, 3, 4)),
)


@given(SETTINGS)
def test_what_is_remembered_is_found_again(tmp_path_factory: pytest.TempPathFactory, now: Settings) -> None:
    folder = tmp_path_factory.mktemp("config") / "not" / "there"
    save(folder, LoadedSettings(Settings()), now)
    assert load(folder) == LoadedSettings(now)


def test_where_there_is_nothing_the_defaults_hold_and_nothing_is_written(tmp_path: Path) -> None:
    before = load(tmp_path)
    assert before == LoadedSettings(Settings())
    save(tmp_path, before, Settings())
    assert list(tmp_path.iterdir()) == []


def test_some_keys_are_enough(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("bell = true\n")
    assert load(tmp_path) == LoadedSettings(Settings(bell=True))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"bell = maybe", "expected TOML"),
        (b"\xff\xfe", "expected TOML"),
        (b'theme = "pink"', "theme"),
        (b"bells = true", "bells: unknown key"),
        (b"place = 2.5", "place"),
    ],
)
def test_a_damaged_file_is_complained_about_in_one_line_and_left_alone(
    tmp_path: Path, text: bytes, complaint: str
) -> None:
    (tmp_path / FILE).write_bytes(text)
    before = load(tmp_path)
    assert before.settings == Settings()
    assert before.complaint is not None
    assert complaint in before.complaint
    assert FILE in before.complaint
    assert before.complaint.endswith("the defaults are used")
    assert "\n" not in before.complaint
    save(tmp_path, before, Settings(bell=True))
    assert (tmp_path / FILE).read_bytes() == text


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TrainerError, match=r"file/sub: cannot be made"):
        save(tmp_path / "file" / "sub", LoadedSettings(Settings()), Settings(bell=True))


def test_the_file_says_everything_in_its_own_words(tmp_path: Path) -> None:
    save(tmp_path, LoadedSettings(Settings()), Settings(theme="light"))
    assert tomllib.loads((tmp_path / FILE).read_text()) == {
        "vocabulary": "standard",
        "log_axis": True,
        "theme": "light",
        "glyphs": "auto",
        "bell": False,
        "place": 2,
    }


@given(SETTINGS)
def test_every_choice_makes_valid_settings(now: Settings) -> None:
    titles = set()
    for title, values in choices(now):
        assert Settings.model_validate(now.model_dump() | values)
        titles.add(title)
    assert len(titles) == 9
