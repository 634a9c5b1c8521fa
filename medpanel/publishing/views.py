"""The views of medpanel.duckdb: what a stored table must not hold because it changes by itself, such as ages, and
joins that every reader needs, such as the one from a value to the cell it came from.

Belongs here: their SQL, names and descriptions. Does not belong here: tables (catalog/tables.yaml).
"""

from collections.abc import Collection
from dataclasses import dataclass

from catalog.base import Text
from catalog.tables import Column, Table, load_tables


@dataclass(frozen=True)
class View:
    """A view on published tables, without which it is not there either; it is described as the first of them is.

    `columns`, as `sql` gives them: that of a table, as table.column, or its own. `macro`: parameters and a condition
    on the view's rows, for a macro of the same name without v_.
    """

    name: str
    of: tuple[str, ...]
    text: Text
    columns: dict[str, str | Column]
    sql: str
    key: tuple[str, ...] = ()
    macro: tuple[str, str] | None = None

    @property
    def table(self) -> Table:
        """The view as a table is described."""
        base = load_tables()[self.of[0]]
        columns = {name: _described(column) for name, column in self.columns.items()}
        texts = {"name": self.name, "en": self.text.en, "zh": self.text.zh, "columns": columns}
        return base.model_copy(update=texts | {"key": self.key or base.key})


def _described(column: str | Column) -> Column:
    if isinstance(column, Column):
        return column
    table, name = column.split(".")
    return load_tables()[table].columns[name]


_AGE = View(
    name="v_data_age",
    of=("study_window",),
    text=Text(
        en="How old the data of each study are today: years since the last one with all inputs complete.",
        zh="各研究数据当前的年龄：距全部输入数据均完整的最近一年的年数。",
    ),
    columns={
        "study": "study_window.study",
        "declared_last": "study_window.declared_last",
        "last_complete_year": "study_window.last_complete_year",
        "newest_year": "study_window.newest_year",
        "data_kind": "study_window.data_kind",
        "age_years": Column(
            type="INTEGER",
            unit="years",
            en="This year, when the query runs, less last_complete_year; NULL without one",
            zh="查询当年减去last_complete_year；无完整年份时为空",
        ),
    },
    sql="SELECT study, declared_last, last_complete_year, newest_year, data_kind, "
    "CAST(year(current_date) - last_complete_year AS INTEGER) AS age_years FROM study_window",
)
_TRACE = View(
    name="v_trace",
    of=("observation", "source_file", "indicator_input", "province_year", "province", "city_year", "city"),
    text=Text(
        en="Where every value of province_year and city_year comes from: each input with its file, sheet and cell.",
        zh="province_year 与 city_year 每个数值的来源：各输入值及其文件、工作表与单元格。",
    ),
    key=("entity_level", "entity_code", "year", "indicator", "input_indicator"),
    columns={
        "entity_level": "observation.entity_level",
        "entity_code": "observation.entity_code",
        "name_zh": "province.name_zh",
        "short_zh": "province.short_zh",
        "name_en": "province.name_en",
        "year": "observation.year",
        "indicator": "indicator_input.indicator",
        "published_value": Column(
            type="DOUBLE",
            en="The value in province_year or city_year, in the indicator's canonical unit",
            zh="province_year 或 city_year 中的数值，采用指标的统一单位",
        ),
        "formula": "indicator_input.formula",
        "input_indicator": "indicator_input.input_indicator",
        "input_value": "observation.value",
        "input_unit": "observation.unit",
        "status": "observation.status",
        "vintage": "observation.vintage",
        "path": "source_file.path",
        "sheet": "observation.sheet",
        "cell": "observation.cell",
        "header": "observation.header",
        "raw_text": "observation.raw",
        "raw_unit": "observation.raw_unit",
        "link_factor": "observation.link_factor",
        "publisher": "source_file.publisher",
        "licence": "source_file.licence",
        "redistribution": "source_file.redistribution",
        "sha256": "source_file.sha256",
        "data_kind": "province_year.data_kind",
    },
    # A municipality has figures as a province and as a city under the same code.
    sql="""
WITH published AS (
    SELECT 'province' AS entity_level, province_code AS entity_code, year, indicator, published_value, data_kind
    FROM (FROM province_year UNPIVOT INCLUDE NULLS (published_value
        FOR indicator IN (COLUMNS(* EXCLUDE (province_code, year, data_kind)))))
    UNION ALL
    SELECT 'city', city_code, year, indicator, published_value, data_kind
    FROM (FROM city_year UNPIVOT INCLUDE NULLS (published_value
        FOR indicator IN (COLUMNS(* EXCLUDE (city_code, year, data_kind)))))
),
place AS (
    SELECT 'province' AS entity_level, province_code AS entity_code, name_zh, short_zh, name_en FROM province
    UNION ALL
    SELECT 'city', city_code, name_zh, regexp_replace(name_zh, '(.{2,})(市|地区|盟|县)$', '\\1'), name_en FROM city
)
SELECT
    published.entity_level, published.entity_code, place.name_zh, place.short_zh, place.name_en, published.year,
    published.indicator, published.published_value, inputs.formula, inputs.input_indicator,
    figure.value AS input_value, figure.unit AS input_unit, figure.status, figure.vintage,
    file.path, figure.sheet, figure.cell, figure.header, figure.raw AS raw_text, figure.raw_unit, figure.link_factor,
    file.publisher, file.licence, file.redistribution, file.sha256, published.data_kind
FROM published
JOIN indicator_input AS inputs USING (indicator)
LEFT JOIN place USING (entity_level, entity_code)
LEFT JOIN observation AS figure
    ON figure.entity_level = published.entity_level
    AND figure.entity_code = published.entity_code
    AND figure.year = published.year
    AND figure.indicator = inputs.input_indicator
    AND figure.chosen
LEFT JOIN source_file AS file USING (file_id)
""".strip(),
    macro=(
        "place, in_year, of_indicator",
        "(CAST(place AS VARCHAR) IN (name_zh, short_zh, CAST(entity_code AS VARCHAR)) "
        "OR lower(CAST(place AS VARCHAR)) = lower(name_en)) AND year = in_year AND indicator = of_indicator "
        "ORDER BY entity_level, entity_code, input_indicator",
    ),
)
VIEWS = (_AGE, _TRACE)


def views_on(tables: Collection[str]) -> list[View]:
    """The views whose tables are all among those published."""
    return [view for view in VIEWS if set(view.of) <= set(tables)]
