"""Tables and figures taken as they were drawn: the same bytes, and drawn again where a table they read changed."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.base import CatalogError
from catalog.parts import diagnostics
from medpanel.report import writing
from medpanel.report.kept_items import KeptItems, Watched
from medpanel.report.writing import write_report
from medpanel.reuse import Store
from models_py.figures.show import LANGS, Lang
from models_py.parts.frame import Seen
from models_py.parts.registry import parts_of, seen_by, shows_of
from tests.medpanel.report.fabricated import results, seen

NAMES = ("estimate", "model_fit", "summary_statistic", "finding")


@pytest.fixture
def few() -> dict[str, object]:
    tables = {name: results()[name] for name in NAMES}
    for name in ("estimate", "model_fit"):
        tables[name] = tables[name][tables[name]["table_no"] == "Table 3"]
    return tables


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the shows that are drawn while the test runs."""
    names: list[str] = []
    draw = writing.render_watched

    def noted(made_from: Seen, place: int, langs: Sequence[Lang]):
        names.append(list(shows_of(made_from.study))[place][1].name)
        return draw(made_from, place, langs)

    monkeypatch.setattr(writing, "render_watched", noted)
    return names


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_report_draws_nothing_and_is_the_same(few, drawn, tmp_path) -> None:
    plain, store = tmp_path / "plain", Store(tmp_path / "cache")
    write_report(seen(tables=few), plain)
    write_report(seen(tables=few), tmp_path / "first", store=store)
    drawn.clear()
    again = write_report(seen(tables=few), tmp_path / "again", store=store)
    assert drawn == []
    assert contents(tmp_path / "again") == contents(tmp_path / "first") == contents(plain)
    drawings = [file.preview for file in again if file.archived and file.name.endswith((".png", ".md"))]
    assert drawings and None not in drawings


def test_only_what_reads_a_changed_table_is_drawn_again(few, drawn, tmp_path) -> None:
    store = Store(tmp_path / "cache")
    write_report(seen(tables=few), tmp_path / "first", store=store)
    drawn.clear()
    changed = few | {"finding": few["finding"].iloc[:-1]}
    write_report(seen(tables=changed), tmp_path / "again", store=store)
    assert drawn == ["findings"]
    write_report(seen(tables=changed), tmp_path / "plain")
    assert contents(tmp_path / "again") == contents(tmp_path / "plain")


def test_a_share_of_a_table_is_all_a_show_reads_of_it(few, drawn, tmp_path) -> None:
    store, own = Store(tmp_path / "cache"), results()["spec_test"]
    curve = {name: results()[name] for name in ("specification", "specification_choice")}
    before = curve | {"spec_test": own, "spec_test__specification_curve": own}
    write_report(seen(tables=before), tmp_path / "first", store=store)
    drawn.clear()
    write_report(seen(tables=before | {"spec_test": own.iloc[:-1]}), tmp_path / "again", store=store)
    assert "specification_curve" not in drawn
    changed = own.assign(p_value=own["p_value"] / 2)
    write_report(seen(tables=before | {"spec_test__specification_curve": changed}), tmp_path / "other", store=store)
    assert "specification_curve" in drawn


def test_another_kind_of_data_is_drawn_anew(few, drawn, tmp_path) -> None:
    store = Store(tmp_path / "cache")
    only = {"finding": few["finding"].drop(columns="data_kind", errors="ignore")}
    write_report(seen(tables=only), tmp_path / "first", store=store)
    drawn.clear()
    write_report(seen("real", tables=only), tmp_path / "real", store=store)
    assert "findings" in drawn


def test_other_languages_are_drawn_anew(few, drawn, tmp_path) -> None:
    store = Store(tmp_path / "cache")
    write_report(seen(tables=few), tmp_path / "first", store=store)
    drawn.clear()
    write_report(seen(tables=few), tmp_path / "one", langs=("zh",), store=store)
    assert drawn and not (tmp_path / "one" / "en").exists()


def test_a_damaged_item_is_drawn_again(few, drawn, tmp_path) -> None:
    store = Store(tmp_path / "cache")
    write_report(seen(tables=few), tmp_path / "first", store=store)
    drawn.clear()
    kept = store.root.glob("item/*/files/rendered.json.z")
    [damaged] = [path for path in kept if b'{"stem":"findings"' in zlib.decompress(path.read_bytes())]
    damaged.write_bytes(damaged.read_bytes() + b" ")
    write_report(seen(tables=few), tmp_path / "again", store=store)
    assert drawn == ["findings"]
    assert contents(tmp_path / "again") == contents(tmp_path / "first")


def test_tables_asked_for_are_noted_also_where_there_are_none() -> None:
    tables = Watched({"estimate": results()["estimate"]})
    assert len(tables["estimate"]) and "influence" not in tables and tables.get("finding") is None
    assert tables.read == {"estimate", "influence", "finding"}
    assert list(tables) == ["estimate"]


def test_nothing_is_taken_from_an_empty_store(few, tmp_path) -> None:
    assert KeptItems(Store(tmp_path), seen(tables=few), LANGS).take(0) is None


def test_a_show_that_reads_options_its_part_does_not_consult_is_refused() -> None:
    study = seen().study
    one = next(one for one in parts_of(study) if one.id == "performance_index")
    with pytest.raises(CatalogError, match="does not say it consults"):
        seen_by(study, one).find(diagnostics.Options)
