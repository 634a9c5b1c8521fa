"""The views of medpanel.duckdb: what a stored table must not hold because it changes by itself, such as ages, and
joins that every reader needs, such as the one from a value to the cell it came from.

Belongs here: their SQL, names and descriptions. Does not belong here: tables (catalog/tables.yaml), names of before
(renamed.py).
"""

from collections.abc import Collection

from catalog.base import Text
from catalog.tables import IDENTITY, Column
from medpanel.publishing.renamed import renamed_views
from medpanel.publishing.view import View
from medpanel.runs.warehouse import literal

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
        "trace",
        "place, in_year, of_indicator",
        "(CAST(place AS VARCHAR) IN (name_zh, short_zh, CAST(entity_code AS VARCHAR)) "
        "OR lower(CAST(place AS VARCHAR)) = lower(name_en)) AND year = in_year AND indicator = of_indicator "
        "ORDER BY entity_level, entity_code, input_indicator",
    ),
)


def _labelled(kind: str, of: str) -> dict[str, str | Column]:
    """The columns of a name in both languages; `of`: what is named, in both too."""
    en, zh = of.split(" / ")
    return {
        f"{kind}_en": Column(type="VARCHAR", en=f"Name of the {en} in English", zh=f"{zh}的英文名称"),
        f"{kind}_zh": Column(type="VARCHAR", en=f"Name of the {en} in Chinese", zh=f"{zh}的中文名称"),
    }


# Names that are the same in every study, by kind; '' has none, and stays ''.
_ESTIMATE_NAMES = {
    "study": "study / 研究",
    "term": "regressor / 变量",
    "effect": "effect / 效应",
    "method": "method of inference / 推断方法",
    "reading": "reading / 口径",
    "sample": "sample / 样本",
    "estimator": "estimator / 估计方法",
    "weights": "weights / 空间权重",
    "variant": "variant / 变动",
}
# What a study's table calls differently from another's.
_BY_TABLE = ("term", "effect")


def _label_join(kind: str) -> str:
    where = (
        " AND {0}.of_study = e.study AND {0}.of_table = e.table_no".format(f"of_{kind}") if kind in _BY_TABLE else ""
    )
    return f"LEFT JOIN label AS of_{kind} ON of_{kind}.kind = {literal(kind)} AND of_{kind}.id = e.{kind}{where}"


_ESTIMATE = View(
    name="v_estimate",
    of=("estimate", "model_fit", "label"),
    text=Text(
        en="The rows of estimate with the names of all they are about in both languages, and the clusters behind them. "
        "An association, not an effect of the exposure.",
        zh="estimate 的各行，附中英文名称与聚类数；为关联而非因果效应。",
    ),
    columns={
        **{name: f"estimate.{name}" for name in (*IDENTITY, "term", "effect", "method")},
        **{name: column for kind, of in _ESTIMATE_NAMES.items() for name, column in _labelled(kind, of).items()},
        **{
            name: f"estimate.{name}"
            for name in (
                *("estimate", "std_error", "statistic", "p_value", "ci_low", "ci_high", "ci_level"),
                *("unit_en", "unit_zh", "df", "n_obs"),
            )
        },
        "n_clusters": "model_fit.n_clusters",
        "own_choice": Column(
            type="BOOLEAN",
            en="Whether the study's own editions and choices stand behind it: vintage and variant are ''",
            zh="是否为研究自身的版本与设定（vintage 与 variant 均为空）",
        ),
        "data_kind": "estimate.data_kind",
    },
    sql="SELECT "
    + ", ".join(f"e.{name}" for name in (*IDENTITY, "term", "effect", "method"))
    + ", "
    + ", ".join(
        f"coalesce(of_{kind}.label_{one}, e.{kind}) AS {kind}_{one}" for kind in _ESTIMATE_NAMES for one in ("en", "zh")
    )
    + ", e.estimate, e.std_error, e.statistic, e.p_value, e.ci_low, e.ci_high, e.ci_level, e.unit_en, e.unit_zh, "
    "e.df, e.n_obs, fit.n_clusters, e.vintage = '' AND e.variant = '' AS own_choice, e.data_kind\n"
    "FROM estimate AS e\n"
    f"LEFT JOIN model_fit AS fit USING ({', '.join(IDENTITY)})\n" + "\n".join(map(_label_join, _ESTIMATE_NAMES)),
)
_LEVELS = ("province", "city", "county")


def _long(level: str) -> str:
    """The rows of a wide table, one for each figure; those without a value too."""
    code = "province_code" if level == "province" else "city_code"
    return (
        f"SELECT {literal(level)} AS entity_level, {code} AS entity_code, year, indicator, value, data_kind "
        f"FROM (FROM {level}_year UNPIVOT INCLUDE NULLS (value FOR indicator IN "
        f"(COLUMNS(* EXCLUDE ({code}, year, data_kind)))))"
    )


_PANEL_LONG = View(
    name="v_panel_long",
    of=(
        *("observation", "source_file", "indicator_input", "province_year", "city_year", "county_year"),
        *("province", "city", "data_dictionary", "label"),
    ),
    text=Text(
        en="province_year, city_year and county_year as one long table: a row for each figure, missing ones included, "
        "with names, unit and cell. A derived figure has no cell of its own: trace shows those of its inputs.",
        zh="province_year、city_year 与 county_year 的长表：每个数值一行（含缺失），附名称、单位与来源单元格；"
        "派生指标无自身单元格，其各输入值见 trace。",
    ),
    key=("entity_level", "entity_code", "year", "indicator"),
    columns={
        "entity_level": "observation.entity_level",
        "entity_code": "observation.entity_code",
        "name_zh": "province.name_zh",
        "name_en": "province.name_en",
        "year": "observation.year",
        "indicator": "indicator_input.indicator",
        **_labelled("indicator", "indicator / 指标"),
        "value": Column(
            type="DOUBLE",
            en="The value in the wide table, in `unit`; NULL where it is missing",
            zh="宽表中的数值，单位见 unit；缺失为空",
        ),
        "unit": "observation.unit",
        "unit_en": Column(type="VARCHAR", en="The unit in English", zh="单位的英文名称"),
        "status": Column(
            type="VARCHAR",
            en="reported, corrected, interpolated or carried; derived by `formula`; NULL where the value is missing",
            zh="报告、更正、插值、沿用，或按formula派生（derived）；缺失为空",
        ),
        "formula": "indicator_input.formula",
        "vintage": "observation.vintage",
        "path": "source_file.path",
        "sheet": "observation.sheet",
        "cell": "observation.cell",
        "data_kind": "observation.data_kind",
    },
    sql=f"""
WITH figure AS (
    {" UNION ALL ".join(map(_long, _LEVELS))}
),
place AS (
    SELECT 'province' AS entity_level, province_code AS entity_code, name_zh, name_en FROM province
    UNION ALL
    SELECT level_of.entity_level, city_code, name_zh, name_en
    FROM city CROSS JOIN (VALUES ('city'), ('county')) AS level_of(entity_level)
),
formula AS (
    SELECT indicator, any_value(formula) AS formula FROM indicator_input GROUP BY indicator
)
SELECT
    figure.entity_level, figure.entity_code, place.name_zh, place.name_en, figure.year, figure.indicator,
    coalesce(named.label_en, figure.indicator) AS indicator_en,
    coalesce(named.label_zh, figure.indicator) AS indicator_zh, figure.value, listed.unit, measured.label_en AS unit_en,
    CASE WHEN figure.value IS NULL THEN NULL WHEN formula.formula IS NOT NULL THEN 'derived' ELSE read.status END
        AS status,
    formula.formula, read.vintage, file.path, read.sheet, read.cell, figure.data_kind
FROM figure
LEFT JOIN place USING (entity_level, entity_code)
LEFT JOIN formula USING (indicator)
LEFT JOIN data_dictionary AS listed
    ON listed.table_name = figure.entity_level || '_year' AND listed.column_name = figure.indicator
LEFT JOIN label AS named ON named.kind = 'indicator' AND named.id = figure.indicator
LEFT JOIN label AS measured ON measured.kind = 'unit' AND measured.id = listed.unit
LEFT JOIN observation AS read
    ON read.entity_level = figure.entity_level
    AND read.entity_code = figure.entity_code
    AND read.year = figure.year
    AND read.indicator = CASE WHEN formula.formula IS NULL THEN figure.indicator END
    AND read.chosen
LEFT JOIN source_file AS file USING (file_id)
""".strip(),
)
_WIDE_FORMS = "".join(map(chr, range(0xFF01, 0xFF5F)))
_ASCII_FORMS = "".join(map(chr, range(0x21, 0x7F)))


def _plain(text: str) -> str:
    """A text as headers are compared: half-width, in lower case, without any blank."""
    narrow = f"translate({text}, {literal(_WIDE_FORMS)}, {literal(_ASCII_FORMS)})"
    return rf"regexp_replace(lower({narrow}), '[\s\p{{Z}}]', '', 'g')"


_COLUMN = View(
    name="v_column",
    of=("data_dictionary", "observation"),
    text=Text(
        en="Where to find what files call so: every original header, catalogued or met in a file, and every "
        "description, with the column that holds it. The macro find_column searches it.",
        zh="原始表头所在何处：每个登记的或文件中出现的原始表头及每个字段说明，与其所在字段；宏 find_column 用于查找。",
    ),
    key=("table_name", "column_name", "indicator", "found_in", "text"),
    columns={
        "text": Column(type="VARCHAR", en="Header or description", zh="表头或说明"),
        "found_in": Column(
            type="VARCHAR",
            en="header (catalogued), file (met in a file read), description_zh, description or name (of the column)",
            zh="header登记的表头、file所读文件中的表头、description_zh中文说明、description英文说明或name字段名",
        ),
        "table_name": "data_dictionary.table_name",
        "column_name": "data_dictionary.column_name",
        "indicator": Column(
            type="VARCHAR",
            en="Indicator, for rows of `observation`; '' if the column itself says which",
            zh="在observation中的指标；字段名即指标者为空",
        ),
        "unit": "data_dictionary.unit",
        "description": "data_dictionary.description",
        "description_zh": "data_dictionary.description_zh",
        "plain": Column(
            type="VARCHAR",
            en="`text` as find_column compares it: half-width, in lower case, without blanks",
            zh="供find_column比对的文本：半角、小写、去除空白",
        ),
    },
    sql=f"""
WITH of_tables AS (
    FROM data_dictionary WHERE NOT starts_with(table_name, 'v_')
),
met AS (
    SELECT DISTINCT header, entity_level || '_year' AS table_name, indicator FROM observation WHERE header <> ''
),
found AS (
    SELECT unnest(string_split(original_headers, '; ')) AS text, 'header' AS found_in, table_name, column_name,
        '' AS indicator
    FROM of_tables WHERE original_headers IS NOT NULL
    UNION
    SELECT met.header, 'file', coalesce(listed.table_name, 'observation'), coalesce(listed.column_name, 'value'),
        CASE WHEN listed.table_name IS NULL THEN met.indicator ELSE '' END
    FROM met LEFT JOIN of_tables AS listed ON listed.table_name = met.table_name AND listed.column_name = met.indicator
    UNION
    SELECT description_zh, 'description_zh', table_name, column_name, '' FROM of_tables
    UNION
    SELECT description, 'description', table_name, column_name, '' FROM of_tables
    UNION
    SELECT column_name, 'name', table_name, column_name, '' FROM of_tables
)
SELECT found.text, found.found_in, found.table_name, found.column_name, found.indicator, of_tables.unit,
    of_tables.description, of_tables.description_zh, {_plain("found.text")} AS plain
FROM found LEFT JOIN of_tables USING (table_name, column_name)
""".strip(),
    # A header copied from a file may end with its unit in brackets.
    macro=(
        "find_column",
        "asked",
        rf"(contains(plain, {_plain('asked')}) OR plain = regexp_replace({_plain('asked')}, '\([^()]*\)$', '')) "
        rf"AND {_plain('asked')} <> '' "
        "ORDER BY list_position(['header', 'file', 'description_zh', 'description', 'name'], found_in), length(plain), "
        "table_name, column_name, indicator, text",
    ),
)
VIEWS = (_AGE, _TRACE, _ESTIMATE, _PANEL_LONG, _COLUMN)


def views_on(tables: Collection[str]) -> list[View]:
    """The views whose tables are all among those published, names of before included."""
    every = (*VIEWS, *renamed_views(frozenset(view.name for view in VIEWS)))
    return [view for view in every if set(view.of) <= set(tables)]
