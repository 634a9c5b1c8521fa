"""What the curve shows of its tables."""

import pytest

from models_py.parts.frame import Seen
from models_py.parts.specification_curve.curve import specification_curve
from models_py.parts.specification_curve.part import PART
from models_py.parts.specification_curve.shown import choices_table
from tests.models_py.parts.specification_curve.conftest import curve_options, study_with


@pytest.fixture(scope="module")
def seen(figures, exposures, panel) -> Seen:
    study = study_with({"utilisation": ["substitution"], "controls": ["none", "without_urbanization"]})
    tables = dict(specification_curve(figures, exposures, study, curve_options(study), panel))
    return Seen(study, panel, tables, "synthetic")


def test_curve_and_choices(seen):
    options = curve_options(seen.study)
    made = {show.name: list(show.make(seen, options)) for show in PART.shows}
    [picture], [table] = made["specification_curve"], made["specification_choice"]
    assert picture.stem == "specification_curve" and table.stem == "specification_choice"
    # The joint tests are found among the tests.
    assert "median p" in picture.figure.title.en and "Stouffer p" in picture.figure.title.en
    assert len(picture.figure.data) == 6 and table.synthetic


def test_nothing_to_show(seen):
    nothing = Seen(seen.study, seen.panel, {}, "real")
    assert [list(show.make(nothing, curve_options(seen.study))) for show in PART.shows] == [[], []]


def test_the_largest_mover_comes_first(seen):
    rows = seen.rows("specification_choice")
    table = choices_table(rows.sample(frac=1, random_state=1), seen.study, False)
    first = rows[rows["position"] == 1]
    assert [row.cells[1] for row in table.rows] == [f"{share:.1%}" for share in rows["variance_share"]]
    assert {row.block for row in table.rows[: len(first)]} == {0} and table.rows[len(first)].block == 1
    labels = {row.cells[0] for row in table.rows}
    assert any("without urbanization" in label.en and "不含" in label.zh for label in labels)
    assert all(row.cells[2] == f"{n}" for row, n in zip(table.rows, rows["specifications"], strict=True))
