"""The scripts of spatial models: the Python script finds the published numbers from data and weights alone."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models_py.parts.frame import Replication
from models_py.parts.registry import all_parts, parts_of, work_of
from models_py.parts.spatial_durbin.replicate import KEYS, replicate
from tests.medpanel.replication.written import require_another_is_named, require_balanced, run, write
from tests.models_py.parts.spatial_durbin import made_up_space as space

PART = "spatial_durbin"
FOLDER = Path(space.__file__).parents[4] / "models_py" / "parts" / PART / "replication"
# The own model alone, so that nothing else is fitted.
ALONE = {"models": ["sdm"], "effects": ["two-way"], "bias_corrections": ["transformation"], "errors": ["ml"]}


def replicated(**options: Any) -> Replication | None:
    """What the scripts are given, of a study with these options."""
    study = space.durbin(**{**ALONE, "regions": False, **options})
    [part] = parts_of(study)
    work = work_of(part, study, space.PANEL, {"figures": space.figures()}, "synthetic")
    return replicate(work, space.run(study))


def present(made: Replication | None) -> Replication:
    assert made is not None
    return made


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"models": ["sar"]},
        {"models": ["slx"]},
        {"lagged": ["ln_urban"]},
        {"bias_corrections": ["none"]},
        {"effects": ["entity"]},
        {"effects": ["time"]},
        {"effects": ["none"]},
        # Not symmetric: complex eigenvalues.
        {"weights": ["knn_5"]},
    ],
    ids=str,
)
def test_the_python_script_finds_every_number(options: dict[str, Any]) -> None:
    made = present(replicated(**options))
    found = runpy.run_path(str(FOLDER / "script.py"))["compute"](made.frames, made.lists)
    both = made.expected.merge(found, on=KEYS, suffixes=("", "_found"), validate="one_to_one")
    assert len(both) == len(made.expected) > 5
    assert (np.abs(both["value"] - both["value_found"]) <= both["tolerance"]).all()


def test_the_bundle_runs_and_names_a_number_it_does_not_find(tmp_path: Path) -> None:
    write(PART, present(replicated()), tmp_path)
    run(PART, tmp_path)
    require_another_is_named(PART, tmp_path, ["rho coef", "x1 indirect"])
    run(PART, tmp_path)


@pytest.mark.parametrize(
    "options", [{"models": ["sem"]}, {"models": ["sac"]}, {"bias_corrections": ["lee_yu"]}], ids=str
)
def test_models_without_a_closed_form_have_no_scripts(options: dict[str, Any]) -> None:
    assert replicated(**options) is None
    assert all_parts()[PART].replicate is not None


def test_the_do_file_is_balanced(tmp_path: Path) -> None:
    write(PART, present(replicated()), tmp_path)
    text = (tmp_path / f"synthetic_mspi_{PART}_replicate.do").read_text("utf-8")
    # In Mata a line may go on after its end, a quote mark transposes and // is a comment.
    stata = text[: text.index("mata:\n")] + text[text.index("\nend\n") + 5 :]
    require_balanced(stata)
    mata = text[text.index("mata:\n") : text.index("\nend\n")]
    for opens, closes in ("()", "{}", "[]"):
        assert mata.count(opens) == mata.count(closes)
    assert all(line.count('"') % 2 == 0 for line in mata.splitlines())
    for name in ("term", "effect", "value"):
        assert f'"{name}")' in mata
