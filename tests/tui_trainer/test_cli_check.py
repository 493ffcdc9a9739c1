"""``tui-trainer check``: a line a figure, and the status."""

from __future__ import annotations

import json

import pytest

import presets
from tui_trainer.cli import main


def test_a_line_a_figure_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "one-clerk", "likelihood", "--json"]) == 0
    captured = capsys.readouterr()
    lines = [json.loads(line) for line in captured.out.splitlines()]
    assert all(set(line) == {"case", "key", "published", "measured", "verdict", "why"} for line in lines)
    by_name = {(line["case"], line["key"]): line for line in lines}
    loss = by_name["R03_forward", "L"]
    assert (loss["published"], loss["verdict"]) == ("0.221", "differs")
    assert loss["measured"] == pytest.approx(0.2204174099, rel=1e-9)
    assert ".2204" in loss["why"]
    assert by_name["R06c_wiggle_w2", "measured"]["verdict"] == "differs"
    assert by_name["W08_likelihood_underflow", "first_n_zero"]["measured"] == 1075
    assert "measurement" in captured.err


def test_a_table_for_people_and_the_reason_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "R05", "R06c"]) == 0
    out = capsys.readouterr().out
    assert "1.5158" in out
    assert "1.51583" in out
    assert "Reading the Slope, and Taking a Step: the printed slope is the quotient" in " ".join(out.split())
    assert out.endswith("21 figures: 19 hold, 2 differ; all as documented\n")


def test_another_verdict_than_the_documented_one_is_told_by_the_status(capsys: pytest.CaptureFixture[str]) -> None:
    folder = presets.user_folder()
    folder.mkdir(parents=True)
    text = presets.find("one-clerk").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(text.replace("X = [[0.5]]", "X = [[0.6]]"), encoding="utf-8")
    assert main(["check", "mine", "--json"]) == 1
    captured = capsys.readouterr()
    assert "tui-trainer: mine: R03_forward z1: expected 0.8, got differs with 0.9" in captured.err


def test_what_has_no_claims_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "xor"]) == 0
    assert "xor: no figures are claimed of it" in capsys.readouterr().err
    assert main(["check", "nothing-like-it"]) == 2
    assert capsys.readouterr().err.startswith("tui-trainer: there is no preset, lab or case 'nothing-like-it'")
