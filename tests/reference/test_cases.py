"""Every case that is kept here is asked for by some test."""

from __future__ import annotations

import re
from pathlib import Path

from tests.reference.cases import CASES, case


def test_no_case_lies_idle() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    asked = {name for source in sources for name in re.findall(r'"([RABW]\d\d[^"]*)"', source)}
    used = {id(case(name)) for name in asked}
    assert [name for name, content in CASES.items() if id(content) not in used] == []
