"""``tui-trainer lab``: the list, a lab as text, its figures as JSON, dials turned by ``--set``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from presets import labs
from tests.reference.cases import case
from tui_trainer.cli import main
from tui_trainer.cli.lab import lab as command
from tui_trainer.cli.suggestions import lab_settings


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["lab", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["lab", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line.removeprefix("tui-trainer: ")


def test_the_labs_are_listed_for_people_and_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    _, *lines = printed(capsys).splitlines()
    assert [line.split()[0] for line in lines] == labs.names()
    entries = [json.loads(line) for line in printed(capsys, "--json").splitlines()]
    assert [entry["name"] for entry in entries] == labs.names()
    dials = {dial["key"]: dial for dial in next(each for each in entries if each["name"] == "descent")["dials"]}
    assert dials["rate"]["default"] == 0.3
    assert dials["rate"]["expected"] == "a number from 0.0001 to 2"


@pytest.mark.parametrize("name", labs.names())
def test_a_lab_as_json_is_one_line_with_the_figures_by_case(capsys: pytest.CaptureFixture[str], name: str) -> None:
    (line,) = printed(capsys, name, "--json").splitlines()
    entry = json.loads(line)
    assert entry.keys() == {"lab", "values"}
    assert entry["lab"] == name
    assert all(isinstance(figures, dict) for figures in entry["values"].values())


@pytest.mark.parametrize("name", labs.names())
def test_a_lab_as_text_has_its_dials_tables_and_notes(capsys: pytest.CaptureFixture[str], name: str) -> None:
    text, lab = printed(capsys, name), labs.lab(name)
    assert text.splitlines()[0] == lab.title
    result = lab.compute(lab.defaults)
    for part in (*(table.title for table in result.tables), *result.formulas, *(dial.key for dial in lab.dials)):
        assert part in text
    assert "…" not in text  # nothing is cut
    assert max(map(len, text.splitlines())) <= 160


def test_a_figure_of_a_tutorial_is_in_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert "437162" in printed(capsys, "brute-force")
    assert "0.104" in printed(capsys, "losses")


def test_a_dial_is_turned_by_set(capsys: pytest.CaptureFixture[str]) -> None:
    entry = json.loads(printed(capsys, "learning-rate", "--set", "rates=.2,.25", "--set", "steps=2", "--json"))
    values = entry["values"]["A07_lr_scenarios"]
    assert values["0.2"]["w"] == pytest.approx(2.5 * 0.6 * 0.6)
    assert values["0.25"]["w"] == pytest.approx(2.5 * 0.5 * 0.5)
    as_toml = json.loads(printed(capsys, "learning-rate", "--set", "rates=[.2, .25]", "--set", "steps=2", "--json"))
    assert as_toml == entry


def test_brute_force_counts_another_network(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("brute-force", "--set", "units=4,3,2", "--set", "rows=10", "--json")
    values = json.loads(printed(capsys, *arguments))["values"]
    assert values["R01_param_counts"] == {"room1": 15, "room2": 8, "total": 23}
    assert values["R02_brute_force_passes"] == {"passes": 2 * 23 * 10}
    assert case("R02").recomputed["passes"] == 437162


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("descnt",), "there is no lab 'descnt'; did you mean descent?"),
        (("descent", "--set", "rate=fast"), "rate: expected a number from 0.0001 to 2 (got fast)"),
        (("descent", "--set", "rate=1e400"), "rate: expected a number from 0.0001 to 2 (got inf)"),
        (("descent", "--set", "step=1"), "step: the lab descent has no such dial; did you mean steps?"),
        (("descent", "--set", "rate"), "Invalid value for '--set': expected key=value, as in rate=.1 (got rate)"),
        (("descent", "--set", "steps=1.5"), "steps: expected a whole number from 0 to 200 (got 1.5)"),
        (("overflow", "--set", "dtype=float23"), "dtype: expected float16, float32, float64; did you mean float32?"),
        (("--set", "rate=.1"), "--set is about a lab: name one before it"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], line: str
) -> None:
    assert refused(capsys, *arguments).startswith(line)


def test_a_shell_is_offered_the_dials_and_their_choices() -> None:
    with command.make_context("lab", ["overflow"]) as context:
        parameter = command.params[1]
        keys = [item.value for item in lab_settings(context, parameter, "")]
        assert keys == ["z=", "clip=", "dtype=", "scores="]
        values = [item.value for item in lab_settings(context, parameter, "dtype=float3")]
        assert values == ["dtype=float32"]


def test_help_says_how_a_list_is_written() -> None:
    assert ".9,.3,.05" in CliRunner().invoke(command, ["--help"]).output


def test_a_handout_is_written_and_nothing_else_printed_but_where(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for ending, begins in ((".md", "# Rolling downhill"), (".html", "<!DOCTYPE html>")):
        path = tmp_path / f"lesson{ending}"
        assert main(["lab", "descent", "--set", "rate=.1", "--output", str(path)]) == 0
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", f"written: {path}\n")
        text = path.read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert text.count("<svg") == len(labs.lab("descent").compute(labs.lab("descent").defaults).plots)
        assert "−0.5" in text  # the first update at this rate


def test_json_and_a_handout_may_be_asked_for_together(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "lesson.html"
    assert main(["lab", "dropout", "--json", "--output", str(path)]) == 0
    assert json.loads(capsys.readouterr().out)["lab"] == "dropout"
    assert path.exists()


def test_a_handout_that_cannot_be_written_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert refused(capsys, "descent", "--output", "lesson.pdf").startswith("--output: expected a file that ends in .md")
    assert "cannot be written" in refused(capsys, "descent", "--output", str(tmp_path / "no" / "lesson.md"))
    assert refused(capsys, "--output", "lesson.md") == "--output is about a lab: name one before it"
