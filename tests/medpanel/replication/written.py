"""A part's bundle written from made-up tables, its Python script run, and what a do-file must not get wrong."""

from __future__ import annotations

import re
import runpy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog import load_studies
from medpanel.replication import Computed, scripts_of, write_bundle
from models_py.parts.frame import Replication


def write(part: str, given: Replication, folder: Path) -> None:
    """The bundle of one part alone."""
    nothing, one = pd.DataFrame(), Computed(part, given, scripts_of(part))
    write_bundle([], nothing, nothing, load_studies()["mspi"], "synthetic", folder, computed=[one])


def run(part: str, folder: Path) -> None:
    """The bundle's Python script; raises SystemExit where a number is not found again."""
    runpy.run_path(str(folder / f"synthetic_mspi_{part}_replicate.py"), run_name="__main__")


def require_another_is_named(part: str, folder: Path, names: Sequence[str]) -> None:
    """The script stops at other expected numbers than those published: says how many there are and names the first."""
    path = folder / f"synthetic_mspi_{part}_expected.csv"
    published = path.read_text("utf-8")
    rows = pd.read_csv(path)
    moved = rows["name"].isin(names)
    assert moved.sum() == len(names)
    rows.loc[moved, "value"] += 3 * rows["tolerance"]
    rows.to_csv(path, index=False)
    first = rows.loc[moved, "name"].iloc[0]
    with pytest.raises(SystemExit, match=f"^{len(names)} not found again, the first: {first}, "):
        run(part, folder)
    path.write_text(published, encoding="utf-8")


def require_balanced(text: str) -> None:
    """Stata is not at hand: quotes, braces and brackets close, and every local is one that the file sets."""
    code = [line for line in text.splitlines() if not line.lstrip().startswith("*")]
    for line in code:
        assert line.count('"') % 2 == 0 and line.count("`") == line.count("'"), line
        assert line.count("(") == line.count(")") and "/*" not in line, line
    depth = np.cumsum([line.endswith("{") - int(line.strip().startswith("}")) for line in code])
    assert depth.min() == 0 and depth[-1] == 0
    named = re.findall(r"^\s*(?:local|foreach|forvalues) (\w+)", text, re.M)
    named += [name for line in re.findall(r"^\s*tempfile (.+)$", text, re.M) for name in line.split()]
    assert set(re.findall(r"`(\w+)'", "\n".join(code))) <= set(named)
