"""Files and paths that are odd, or lie: one line each, never a traceback."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

import presets
from engine.errors import InputError
from tests.cases.recipes import data_of


def lying_header(descr: str, shape: str) -> bytes:
    """Return the beginning of a ``.npy`` file that claims to hold more than any memory."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    ("descr", "shape"),
    [("<f8", f"({10**400},)"), ("<U100000000", "(1000,)"), ("<f4", "(1000000, 1000000)")],
    ids=["400 digits", "labels of 400 MB", "a million squared"],
)
@pytest.mark.parametrize("ending", ["npz", "npy"])
def test_an_array_that_claims_too_much_is_refused_unread(tmp_path: Path, ending: str, descr: str, shape: str) -> None:
    path = tmp_path / f"lies.{ending}"
    if ending == "npy":
        path.write_bytes(lying_header(descr, shape))
        np.save(tmp_path / "y.npy", np.arange(3))
    else:
        ys = io.BytesIO()
        np.save(ys, np.arange(3))
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("X.npy", lying_header(descr, shape))
            archive.writestr("y.npy", ys.getvalue())
    options = {"labels_file": str(tmp_path / "y.npy")} if ending == "npy" else {}
    with pytest.raises(InputError, match=rf"lies\.{ending}: too large: reading it takes .* GB of memory") as refusal:
        data_of(path, 2, **options)
    assert len(str(refusal.value)) < 400


def test_a_path_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path / "d") + b"\xff")) / "x.csv"
    with pytest.raises(InputError, match=r"source: expected a path in UTF-8, got .*; rename it") as refusal:
        presets.load("iris", data=path, set={"data.target": "y"})
    assert str(refusal.value).isprintable()


def test_a_file_of_an_unknown_kind_is_told_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "rows.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"expected a folder of images; this is none \(files of rows end in \.csv"):
        data_of(tmp_path / "rows.xlsx", 2)
