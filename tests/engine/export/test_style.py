"""What is generated is read by people: it is short, has no unused names, and the NumPy program is formatted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.export.programs import PROGRAMS
from engine.export.subject import subject
from tests.engine.export.runs import trained
from tests.engine.export.test_numpy_program import EXACT
from tests.engine.training.recipes import recipe


def test_every_program_is_short_and_tidy(tmp_path: Path) -> None:
    specs = {**EXACT, "dropout": recipe(), "step": recipe(network__dropout_mask="step")}
    for number, (name, spec) in enumerate(specs.items()):
        chosen = subject(trained(spec, name=f"run-{number}")[0])
        for library, program in PROGRAMS.items():
            text = program(chosen).text
            assert len(text.splitlines()) < 200, name
            (tmp_path / f"{library}_{number}.py").write_text(text)
    written = {library: sorted(map(str, tmp_path.glob(f"{library}_*.py"))) for library in PROGRAMS}
    every = [path for paths in written.values() for path in paths]
    for command, files in (
        (["format", "--check", "--diff"], written["numpy"]),
        (["check", "--select", "E,F,W,I"], written["numpy"]),
        (["check", "--select", "F"], every),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "120", *files],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:]
