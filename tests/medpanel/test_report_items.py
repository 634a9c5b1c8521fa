"""What a report will show is known before anything is computed; what could not be written apart is refused there."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import load_studies
from medpanel.report.items import ReportError, items_of
from tests.models_py.parts.made_up import COUNTY_STUDY, county_study


@pytest.mark.parametrize("name", sorted(load_studies()))
def test_every_item_of_the_projects_studies_has_a_name_of_its_own(name: str) -> None:
    names = [item.name for item in items_of(load_studies()[name])]
    assert names and len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("numbers", "parts", "message"),
    [
        (("Table 2", "table 2"), "", r"called table_2 \(Table 2 and table 2\); give tables numbers that differ"),
        (("Table 2", "表二"), "", "no file can be named after '表二'; call it Table 1 or the like"),
        (("Table 2", "All tables"), "", "two files of the report would be called all_tables"),
        (
            ("Table 2", "Event study"),
            "  - treatment_timing: {treatment: reform}\n",
            r"called event_study \(Event study\)",
        ),
        (("Table 2", "Table 3"), "  - products: {table_no: Table 4, outcome: visits, term: reform, mediators: "
         "[admissions]}\n  - products: {name: b, table_no: Table 4, outcome: visits, term: reform, mediators: "
         "[admissions]}\n", "called table_4"),
    ],
)  # fmt: skip
def test_two_files_of_one_name_are_refused_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, numbers: tuple[str, str], parts: str, message: str
) -> None:
    own, last = numbers
    text = COUNTY_STUDY.replace("table_no: Table 2, model: trends", f"table_no: {last}, model: trends")
    monkeypatch.setattr("tests.models_py.parts.made_up.COUNTY_STUDY", text.replace("Table 2", own))
    study = county_study(tmp_path, parts)
    with pytest.raises(ReportError, match=message):
        items_of(study)


def test_parts_with_names_of_their_own_may_be_shown_side_by_side(tmp_path: Path) -> None:
    twice = "".join(
        f"  - diagnostics: {{{name}cutoff_km: 100}}\n  - treatment_timing: {{{name}treatment: reform}}\n"
        for name in ("", "name: b, ")
    )
    names = [item.name for item in items_of(county_study(tmp_path, twice))]
    assert {"influence", "influence_b", "event_study", "event_study_b"} <= set(names)
