"""The tutorials' data, as a re-computation apart from this program has it: ``reference.json``, case by case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
