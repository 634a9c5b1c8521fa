"""Figures whose licence bars passing them on: which studies rest on them, what an export's connection shows."""

import dataclasses

import duckdb
import pandas as pd
import pytest
from openpyxl import load_workbook

from catalog import load_studies
from medpanel.publishing import publish
from medpanel.publishing.views import VIEWS
from medpanel.publishing.withheld import remarks, rests_on, withhold, without

BARRED = pd.DataFrame(
    [
        ("province_year", "digital_finance_index", "dfiic", "PKU", "no redistribution", 2),
        ("observation", "digital_finance_index", "dfiic", "PKU", "no redistribution", 2),
        ("city_pair", "baidu", "baidu_2020", "Baidu", "terms bar redistribution", 8),
    ],
    columns=["table_name", "series", "vintage", "publisher", "licence", "files"],
)


@pytest.fixture
def connection():
    """Two files, one barred; each table that can quote a figure, with a row of either."""
    with duckdb.connect() as made:
        made.register("rows", BARRED)
        made.execute("CREATE TABLE barred_figure AS SELECT *, 'real' AS data_kind FROM rows")
        made.execute(
            "CREATE TABLE source_file AS FROM (VALUES ('f1', 'open.csv', 'v1', 'allowed'), "
            "('f2', 'shut.csv', 'dfiic', 'barred'), ('f3', 'flows.csv', 'baidu_2020', 'barred')) "
            "t(file_id, path, vintage, redistribution)"
        )
        made.execute(
            "CREATE TABLE province_year AS SELECT 110000 AS province_code, 1.5 AS gdp, 9.5 AS digital_finance_index"
        )
        values = "(VALUES ('f1', 'gdp', 1.5), ('f2', 'digital_finance_index', 9.5), (NULL, 'urban_share', 0.5))"
        made.execute(f"CREATE TABLE observation AS FROM {values} t(file_id, indicator, value)")
        made.execute("CREATE TABLE rejected_row AS FROM (VALUES ('f1', 'x'), ('f2', '9.5?')) t(file_id, raw)")
        made.execute("CREATE TABLE correction AS FROM (VALUES ('open.csv', 1.5), ('shut.csv', 9.5)) t(path, value)")
        made.execute("CREATE TABLE city_pair AS FROM (VALUES ('baidu', 9.5), ('amap', 1.5)) t(network, flow)")
        changes = "(VALUES ('digital_finance_index', 9.5), ('gdp', 1.5))"
        made.execute(f"CREATE TABLE revision AS FROM {changes} t(indicator, value_now)")
        made.execute(f"CREATE TABLE vintage_conflict AS FROM {changes} t(indicator, value_kept)")
        made.execute(f"CREATE TABLE indicator_score AS FROM {changes} t(indicator, raw)")
        made.execute(f"CREATE TABLE publication_change AS FROM {changes} t(column_name, before)")
        yield made


TABLES = (
    "province_year",
    "observation",
    "rejected_row",
    "correction",
    "city_pair",
    "revision",
    "vintage_conflict",
    "indicator_score",
)


def shown(connection: duckdb.DuckDBPyConnection) -> str:
    return "\n".join(str(connection.sql(f"FROM {name}").fetchall()) for name in (*TABLES, "publication_change"))


def test_no_barred_figure_is_left_on_the_connection_and_every_other_is(connection):
    before = shown(connection)
    told = withhold(connection)
    after = shown(connection)
    assert before.count("9.5") == 9 and "9.5" not in after
    assert after.count("1.5") == before.count("1.5") and "urban_share" in after
    assert [one.en for one in told] == [
        "PKU (edition dfiic, licence: no redistribution)",
        "Baidu (edition baidu_2020, licence: terms bar redistribution)",
    ]
    assert connection.sql("FROM source_file").fetchall() == connection.sql("FROM main.source_file").fetchall()


def test_what_is_asked_for_by_name_stays(connection):
    told = withhold(connection, ["dfiic"])
    assert connection.sql("SELECT digital_finance_index FROM province_year").fetchall() == [(9.5,)]
    assert connection.sql("SELECT count(*) FROM observation").fetchall() == [(3,)]
    assert connection.sql("SELECT network FROM city_pair").fetchall() == [("amap",)]
    assert [one.zh for one in told] == ["Baidu（版本 baidu_2020，许可：terms bar redistribution）"]
    with duckdb.connect() as other:
        assert withhold(other) == ()


def test_views_and_macros_withhold_too(publication, edit):
    edit("UPDATE source_file SET redistribution = 'barred', vintage = 'dfiic'")
    edit(
        "UPDATE barred_figure SET table_name = 'province_year', series = 'gdp', vintage = 'dfiic' "
        "WHERE series = (SELECT min(series) FROM barred_figure)"
    )
    folder = publish(publication)
    with duckdb.connect(str(folder / "medpanel.duckdb"), read_only=True) as made:
        [mark] = made.execute(
            "SELECT source FROM data_dictionary WHERE table_name = 'province_year' AND column_name = 'gdp'"
        ).fetchall()
        assert "redistribution barred 不得转交" in mark[0]
        assert made.sql("SELECT count(gdp) FROM province_year").fetchall() != [(0,)]
        assert withhold(made)
        assert made.sql("SELECT count(gdp) FROM province_year").fetchall() == [(0,)]
        for view in VIEWS:
            if "path" in view.columns:
                assert made.sql(f"SELECT count(*) FROM {view.name} WHERE path IS NOT NULL").fetchall() == [(0,)]


def test_no_page_of_the_site_shows_a_barred_figure(publication, edit):
    from catalog.base import Text
    from medpanel.site.building import all_pages
    from medpanel.site.published import opened

    edit("UPDATE observation SET indicator = 'gdp', entity_level = 'province', chosen = true, value = 24682468.5")
    edit("UPDATE province_year SET gdp = 13571357.5, beds = 97539753.5")
    edit("UPDATE source_file SET redistribution = 'barred', vintage = 'dfiic'")
    edit(
        "UPDATE barred_figure SET table_name = 'province_year', series = 'gdp', vintage = 'dfiic', licence = 'shut' "
        "WHERE series = (SELECT min(series) FROM barred_figure)"
    )
    database = publish(publication) / "medpanel.duckdb"
    with duckdb.connect(str(database), read_only=True) as made:
        assert made.sql("SELECT max(value), max(gdp) FROM observation, province_year").fetchall() == [
            (24682468.5, 13571357.5)
        ]
    with opened(database, []) as data:
        said = {page.name: repr(page.facts) for page in all_pages(data, Text(en="-", zh="-"))}
    assert "97539753.5" in said["table/province_year"]
    assert "shut" in said["indicator/gdp"] and "shut" in said["index"]
    assert not [name for name, text in said.items() if "24682468.5" in text or "13571357.5" in text]


def test_a_study_rests_on_its_own_indicators_and_inputs_alone():
    studies = load_studies()
    own = rests_on(studies["digital_finance"], BARRED)
    assert own["table_name"].tolist() == ["province_year"]
    assert rests_on(studies["mspi"], BARRED).empty
    [told] = remarks(own)
    assert "PKU" in told.en and "不允许转交他人" in told.zh and "Baidu" not in told.en
    assert without(own, ["dfiic"]).empty and remarks(BARRED[:0]) == ()


def test_everything_a_report_shows_carries_the_remark(tmp_path):
    from medpanel.report.writing import write_report
    from tests.medpanel.report.fabricated import results, seen
    from tests.medpanel.report.unpacked import unpacked

    told = remarks(BARRED[:1])
    given = dataclasses.replace(
        seen(tables={"finding": results()["finding"], "influence": results()["influence"]}), remarks=told
    )
    files = unpacked(tmp_path / "report", write_report(given, tmp_path / "report"))
    marked = [made.path for made in files.values() if made.path.suffix in (".html", ".tex", ".md", ".txt")]
    unmarked = [
        path.name
        for path in marked
        if "licence bars" not in path.read_text(encoding="utf-8")
        and "不允许转交他人" not in path.read_text(encoding="utf-8")
        and "all_tables" not in path.name
    ]
    assert len(marked) > 8 and not unmarked
    assert told[0].zh.encode() in files["data/synthetic_mspi_findings.dta"].path.read_bytes()
    sheet = load_workbook(files["zh/synthetic_mspi_findings.xlsx"].path).active
    assert any(told[0].zh in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_rows_that_quote_figures_as_received_are_in_no_export_of_a_barred_study():
    from medpanel.report.tidy import underlying
    from tests.medpanel.report.fabricated import seen

    scores = pd.DataFrame({"study": ["mspi"], "indicator": ["gdp"], "raw": [1.0]})
    free = seen(tables={"indicator_score": scores})
    assert [behind.table.name for behind in underlying(free, "scores", {"indicator_score"})] == ["indicator_score"]
    barred = dataclasses.replace(free, remarks=remarks(BARRED[:1]))
    assert underlying(barred, "scores", {"indicator_score"}) == []
