"""``tui-trainer presets``: what there is to train, for people and for programs."""

from __future__ import annotations

import json
import tomllib

import pytest

import presets
from tui_trainer.cli import main


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["presets", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_each_has_its_kind_and_a_line_of_summary(capsys: pytest.CaptureFixture[str]) -> None:
    entries = [json.loads(line) for line in printed(capsys, "--json").splitlines()]
    assert [entry["name"] for entry in entries] == presets.names()
    assert all(entry["summary"] for entry in entries)
    wrong = [entry["name"] for entry in entries if entry["kind"] == "mistake"]
    assert wrong == ["mistake-graded-on-study", "mistake-leaky-scaler", "mistake-relu-exit", "mistake-unscaled"]
    claims = entries[1].pop("claims")
    assert {"case": "R19_974", "key": "acc", "published": "0.974"}.items() <= next(
        claim for claim in claims if claim["key"] == "acc"
    ).items()
    assert entries[1] == {
        "name": "breast-cancer",
        "kind": "tutorial",
        "summary": "569 patients, two hidden layers, 50 epochs with dropout",
        "data": "breast-cancer",
        "units": [16, 8, 1],
        "epochs": 50,
    }


def test_the_list_is_as_wide_as_a_terminal_or_so(capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = printed(capsys).splitlines()
    assert head.split() == ["preset", "kind", "summary"]
    assert len(lines) == len(presets.names())
    assert max(map(len, lines)) <= 100
    assert [line.split()[0] for line in lines if "Wrong on purpose" in line] == [
        line.split()[0] for line in lines if " mistake " in line
    ]


def test_one_is_printed_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert tomllib.loads(printed(capsys, "xor"))["card"]["kind"] == "classic"
    entry = json.loads(printed(capsys, "xor", "--json"))
    assert entry["card"]["kind"] == "classic"
    assert entry["recipe"]["data"]["source"] == "xor"


def test_one_s_own_are_listed_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    folder = presets.user_folder()
    folder.mkdir(parents=True)
    recipe = presets.find("xor").read_text(encoding="utf-8")
    card = 'kind = "classic"\nsummary = "Four points that no single neuron can tell apart"'
    (folder / "mine.toml").write_text(recipe.replace(card, 'summary = "\\u001b[2J mine"'), encoding="utf-8")
    *_, line = printed(capsys).splitlines()
    assert line.split() == ["mine", "own", "�[2J", "mine"]
