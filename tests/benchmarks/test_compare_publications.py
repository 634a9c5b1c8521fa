"""The comparison of publications sees what changed: numbers, rows, names of tests, identities; its exit status."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.compare_publications import as_markdown, compare_publications, main, today_of
from catalog.identity import Identity

Frames = dict[str, pd.DataFrame]
OWN = Identity("mspi", "Table 2", "(2)", "volume")
IDENTITIES = {
    "(2)": OWN,
    "(2) substitution": Identity("mspi", "Table 2", "(2)", "substitution"),
    "(2) above 0.4": OWN.varied(threshold=0.4),
}


def named(before: str) -> dict[str, str]:
    return {"study": "mspi", "table_no": "Table 2", "model": before}


@pytest.fixture
def before() -> Frames:
    """A publication of the old kind: names of models and tests glued together."""
    numbers = {"effect": "coef", "method": "cr1", "estimate": 0.1, "p_value": 0.03, "n_obs": 372}
    tests = ["cr3", "wild_cluster: exposure", "exposure_changes_2015", "provinces never exposed", "influence_max"]
    return {
        "estimate": pd.DataFrame([{**named(name), "term": "exposure", **numbers} for name in IDENTITIES]),
        "spec_test": pd.DataFrame([{**named("(2)"), "test": test, "statistic": 1.5, "df": 30.0} for test in tests]),
        "performance_index": pd.DataFrame(
            {
                "study": "mspi",
                "province_code": 110000,
                "year": 2013,
                "reading": ["volume", "volume pooled"],
                "mspi": [1.0, 2.0],
            }
        ),
        "indicator_score": pd.DataFrame(
            {
                "study": "mspi",
                "index_name": ["mspi:volume", "mspi:substitution"],
                "indicator": "beds",
                "entity_code": 110000,
                "year": 2013,
                "score": [0.5, -0.5],
            }
        ),
        "published_comparison": pd.DataFrame(
            {
                "study": "mspi",
                "paper": "p",
                "table_no": "Table 2",
                "column_no": "(2)",
                "term": ["exposure", "gdp"],
                "published": [0.2, 0.3],
                "same_sign": pd.Series([True, None], dtype="object"),
            }
        ),
        "run_manifest": pd.DataFrame({"run_id": ["a"]}),
    }


@pytest.fixture
def after() -> Frames:
    """The same of the new kind, each row told apart by columns; one row more, in another order."""
    numbers = {"effect": "coef", "method": "cr1", "estimate": 0.1, "p_value": 0.03, "n_obs": 372}
    tests = [("cr3", ""), ("wild_cluster", "exposure"), ("exposure_changes", "2015"), ("never exposed", "")]
    tests += [("influence_max", "exposure")]
    places = {"study": "mspi", "entity_code": 110000, "entity_level": "province", "province_code": 110000, "year": 2013}
    rows = [{**identity.columns, "term": "exposure", **numbers} for identity in IDENTITIES.values()]
    return {
        "estimate": pd.DataFrame([*rows, {**rows[0], "method": "cr3"}]).iloc[::-1],
        "spec_test": pd.DataFrame(
            [{**OWN.columns, "test": test, "subject": about, "statistic": 1.5, "df": 30.0} for test, about in tests]
        ),
        "performance_index": pd.DataFrame(
            {**places, "reading": "volume", "variant": ["", "standardised=pooled"], "mspi": [1.0, 2.0]}
        ),
        "indicator_score": pd.DataFrame(
            {
                **{name: places[name] for name in ("study", "entity_code", "year")},
                "index_name": "mspi",
                "reading": ["volume", "substitution"],
                "variant": "",
                "indicator": "beds",
                "score": [0.5, -0.5],
            }
        ),
        "published_comparison": pd.DataFrame(
            {
                "study": "mspi",
                "paper": "p",
                "table_no": "Table 2",
                "column_no": "(2)",
                "term": ["exposure", "gdp"],
                "published": [0.2, 0.3],
                "same_sign": pd.Series([True, None], dtype="object"),
            }
        ),
        "run_manifest": pd.DataFrame({"run_id": ["b"]}),
        "model_name_before": pd.DataFrame(
            [{**identity.columns, "name_before": name} for name, identity in IDENTITIES.items()]
        ),
    }


def written(folder: Path, frames: Frames, prefix: str = "synthetic_") -> Path:
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_parquet(folder / f"{prefix}{name}.parquet", index=False)
    return folder


def compared(tmp_path: Path, before: Frames, after: Frames) -> dict[str, object]:
    found = compare_publications(written(tmp_path / "before", before), written(tmp_path / "after", after))
    return {result.table: result for result in found}


def test_the_same_numbers_under_the_new_names_are_found_again(tmp_path: Path, before: Frames, after: Frames) -> None:
    found = compared(tmp_path, before, after)
    assert set(found) == set(before) - {"run_manifest"}
    assert all(result.unchanged and not result.texts and result.examples == [] for result in found.values())
    rows = {name: (result.before, result.after, result.matched, result.added) for name, result in found.items()}
    assert rows == {
        "estimate": (3, 4, 3, 1),
        "spec_test": (5, 5, 5, 0),
        "performance_index": (2, 2, 2, 0),
        "indicator_score": (2, 2, 2, 0),
        "published_comparison": (2, 2, 2, 0),
    }
    # Three rows of estimate, p_value and n_obs; a truth value counts as a number.
    assert found["estimate"].cells == 9 and found["published_comparison"].cells == 4


def changed(frames: Frames, table: str, column: str, value: object) -> Frames:
    """One cell of a table changed: that of its last row."""
    frame = frames[table].copy()
    frame[column] = [*frame[column].iloc[:-1], value]
    return {**frames, table: frame}


def test_two_publications_of_today_are_compared_too(tmp_path: Path, after: Frames) -> None:
    """Without the table of former names, and with one that is empty on both sides."""
    today = {name: frame for name, frame in after.items() if name != "model_name_before"}
    today["finding"] = pd.DataFrame({"study": [], "finding_id": [], "observed": []}, dtype="str")
    found = compared(tmp_path, today, today)
    assert set(found) == set(today) - {"run_manifest"}
    assert all(result.unchanged and result.matched == result.before == result.after for result in found.values())
    changed = today | {"estimate": today["estimate"].assign(estimate=0.2)}
    (tmp_path / "again").mkdir()
    assert compared(tmp_path / "again", today, changed)["estimate"].differing == 4


@pytest.mark.parametrize(
    ("table", "column", "value", "said"),
    [
        ("estimate", "estimate", 0.1 + 1e-9, "estimate: 0.1 is now 0.100000001"),
        ("estimate", "n_obs", 371, "n_obs: 372.0 is now 371.0"),
        ("estimate", "p_value", np.nan, "p_value: 0.03 is now nan"),
        ("performance_index", "mspi", 2.1, "mspi: 2.0 is now 2.1"),
        ("indicator_score", "score", 0.5, "score: -0.5 is now 0.5"),
    ],
)
def test_a_changed_number_is_seen(
    tmp_path: Path, before: Frames, after: Frames, table: str, column: str, value: object, said: str
) -> None:
    result = compared(tmp_path, before, changed(after, table, column, value))[table]
    assert (result.differing, result.lost, result.unchanged) == (1, 0, False)
    assert len(result.examples) == 1 and result.examples[0].startswith(said)


def test_a_truth_value_beside_empty_ones_is_no_text(tmp_path: Path, before: Frames, after: Frames) -> None:
    turned = after["published_comparison"].assign(same_sign=pd.Series([False, None], dtype="object"))
    result = compared(tmp_path, before, {**after, "published_comparison": turned})["published_comparison"]
    assert result.differing == 1 and result.texts == {}


@pytest.mark.parametrize("how", ["emptied", "dropped"])
def test_a_column_that_lost_its_numbers_is_seen(tmp_path: Path, before: Frames, after: Frames, how: str) -> None:
    rows = after["estimate"]
    rows = rows.drop(columns="p_value") if how == "dropped" else rows.assign(p_value=None)
    result = compared(tmp_path, before, {**after, "estimate": rows})["estimate"]
    assert result.differing == 3 and not result.unchanged


def test_rounding_and_cells_filled_since_are_no_change(tmp_path: Path, before: Frames, after: Frames) -> None:
    rounded = changed(after, "estimate", "estimate", 0.1 * (1 + 1e-13))
    result = compared(tmp_path, changed(before, "estimate", "p_value", np.nan), rounded)["estimate"]
    assert result.unchanged and result.filled == 1


def test_another_text_is_counted_and_no_change(tmp_path: Path, before: Frames, after: Frames) -> None:
    old = {**before, "estimate": before["estimate"].assign(unit_en="points")}
    new = {**after, "estimate": after["estimate"].assign(unit_en="share")}
    result = compared(tmp_path, old, new)["estimate"]
    assert result.unchanged and result.texts == {"unit_en": 3}


def test_a_lost_row_and_a_lost_table_are_seen(tmp_path: Path, before: Frames, after: Frames) -> None:
    fewer = {**after, "estimate": after["estimate"].query("variant == ''")}
    fewer = {name: frame for name, frame in fewer.items() if name != "indicator_score"}
    found = compared(tmp_path, before, fewer)
    assert (found["estimate"].lost, found["estimate"].unchanged) == (1, False)
    assert found["estimate"].examples[0].startswith("lost: ") and "threshold=0.4" in found["estimate"].examples[0]
    assert found["indicator_score"].lost == 2


def test_a_name_without_an_identity_is_lost(tmp_path: Path, before: Frames, after: Frames) -> None:
    names = after["model_name_before"].query("name_before != '(2) substitution'")
    result = compared(tmp_path, before, {**after, "model_name_before": names})["estimate"]
    assert result.lost == 1 and "(2) substitution" in result.examples[0]


def test_two_models_of_before_that_became_one_are_seen(tmp_path: Path, before: Frames, after: Frames) -> None:
    same = after["model_name_before"].assign(reading="volume")
    result = compared(tmp_path, before, {**after, "model_name_before": same})["estimate"]
    assert result.lost == 1


def test_a_renamed_test_is_seen(tmp_path: Path, before: Frames, after: Frames) -> None:
    renamed = after["spec_test"].replace({"test": {"never exposed": "never treated"}})
    result = compared(tmp_path, before, {**after, "spec_test": renamed})["spec_test"]
    assert (result.lost, result.added, result.matched) == (1, 1, 4)


@pytest.mark.parametrize(
    ("test", "today"),
    [
        ("cr3", ("cr3", "")),
        ("wild_cluster_webb: exposure", ("wild_cluster_webb", "exposure")),
        ("randomisation_within_region_t: digital", ("randomisation_within_region_t", "digital")),
        ("moran_residual_2013", ("moran_residual", "2013")),
        ("exposure_levels_2015", ("exposure_levels", "2015")),
        ("conley_uniform_not_available", ("conley_not_available", "uniform")),
        ("provinces first exposed in 2014", ("first exposed", "2014")),
        ("years before exposure, first exposed in 2014", ("years before exposure", "2014")),
        ("weight of comparisons forbidden", ("weight of comparisons", "forbidden")),
        ("first_post | relative_magnitudes breakdown", ("relative_magnitudes breakdown", "first_post")),
        ("provinces exposed from their first year", ("exposed from the first year", "")),
        ("influence_province_min", ("influence_province_min", "exposure")),
        ("minimum_detectable_coefficient_80", ("minimum_detectable_coefficient_80", "exposure")),
    ],
)
def test_names_of_tests_of_before(test: str, today: tuple[str, str]) -> None:
    assert today_of(test, "exposure") == today


@pytest.mark.parametrize(
    ("change", "allowed", "status"), [(False, [], 0), (True, [], 1), (True, ["estimate"], 0), (True, ["spec_test"], 1)]
)
def test_the_exit_status(
    tmp_path: Path,
    before: Frames,
    after: Frames,
    change: bool,
    allowed: list[str],
    status: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = changed(after, "estimate", "estimate", 0.2) if change else after
    # Real data carry no mark in their names.
    folders = written(tmp_path / "b", before, prefix=""), written(tmp_path / "a", made)
    assert main([*map(str, folders), "--allow", *allowed]) == status
    shown = capsys.readouterr().out
    assert f"| estimate | 3 | 4 | 3 | 0 | 1 | 9 | 0 | {int(change)} |" in shown
    assert ("- estimate: estimate: 0.1 is now 0.2 at" in shown) is change
    assert as_markdown(compare_publications(*folders)) + "\n" == shown
