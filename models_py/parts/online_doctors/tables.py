"""The report's tables of online doctors: measures, and provinces.

Belongs here: their rows, header, notes. Does not belong here: computing anything.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from catalog.base import Text
from models_py.figures.table import NOTHING, ReportTable, Row, fixed, stacked
from models_py.panel import Panel
from models_py.parts.online_doctors.accessibility import RESOURCES
from models_py.parts.online_doctors.measures import OFFLINE
from models_py.parts.online_doctors.places import LEVEL, PROVINCE

_DESCRIPTION = Text(
    zh="仅为描述：一份平台名单不是抽样，线上与线下的差异、前后的变化都不是数字医疗的效应。",
    en="Description only: a platform's list is no sample, and neither a difference between online and offline nor a "
    "change over time is an effect of digital health.",
)
_HIGH = Text(
    zh="高水平：三级甲等医院的主任医师或副主任医师。",
    en="High quality: chief or deputy chief physicians at a tertiary hospital of grade A.",
)
NO_LIST = Text(zh="未提供在线医生名单，故无结果。", en="No list of online doctors was supplied, so there is no result.")
_MEASURES = {
    "doctors": Text(zh="医生数", en="Doctors"),
    "gini": Text(zh="基尼系数", en="Gini"),
    "gini_gap": Text(zh="基尼差：线下减线上", en="Gini, offline minus online"),
    "first_tier_share": Text(zh="一线城市占比", en="Share of first-tier cities"),
    "accessibility_mean": Text(zh="每万人可及医生数", en="Doctors in reach per 10,000 residents"),
    "accessibility_gini": Text(zh="可及性基尼系数", en="Gini of access"),
    "left_out": Text(zh="未计入的医生", en="Doctors left out"),
}
_SCOPES = {
    "all": Text(zh="全部", en="all"),
    "provinces": Text(zh="各省", en="provinces"),
    "east": Text(zh="东部各省", en="eastern provinces"),
    "central": Text(zh="中部各省", en="central provinces"),
    "west": Text(zh="西部各省", en="western provinces"),
    "cities": Text(zh="各城市", en="cities"),
    "cities_without_population": Text(zh="城市人口未知", en="cities without a known population"),
    "cities_without_coordinates": Text(zh="城市坐标未知", en="cities without coordinates"),
}
_KINDS = {"title": Text(zh="职称", en="title"), "hospital_grade": Text(zh="医院等级", en="hospital grade")}
_CATCHMENTS = {
    "2sfca": Text(zh="两步移动搜寻法", en="two-step floating catchment"),
    "2sfca_gaussian": Text(zh="两步移动搜寻法（高斯衰减）", en="two-step floating catchment, Gaussian decay"),
}
# Titles and grades as lists of doctors write them.
_WORDS = {
    "unknown": Text(zh="未知", en="unknown"),
    "主任医师": Text(zh="主任医师", en="chief physician"),
    "副主任医师": Text(zh="副主任医师", en="deputy chief physician"),
    "主治医师": Text(zh="主治医师", en="attending physician"),
    "医师": Text(zh="医师", en="physician"),
    "三级甲等": Text(zh="三级甲等", en="tertiary, grade A"),
    "三级": Text(zh="三级", en="tertiary"),
    "二级": Text(zh="二级", en="secondary"),
    "一级": Text(zh="一级", en="primary"),
}
_COLUMNS = (
    Text(zh="全部在线", en="Online, all"),
    Text(zh="高水平在线", en="Online, high quality"),
    Text(zh="线下", en="Offline"),
    Text(zh="N", en="N"),
)


def measures_table(rows: pd.DataFrame, stem: str, title: Text, synthetic: bool) -> ReportTable:
    """A row for each measure and scope of online_inequality, a column for each kind of doctors; without rows it says
    that there is no list.
    """
    if rows.empty:
        nothing = Row(Text(zh="无名单", en="no list"), (NOTHING,) * len(_COLUMNS))
        return ReportTable(stem, title, (_COLUMNS,), (nothing,), (NO_LIST, _DESCRIPTION), synthetic)
    order = list(_MEASURES)
    keyed = {
        (str(measure), str(scope)): own for (measure, scope), own in rows.groupby(["measure", "scope"], sort=False)
    }
    body = tuple(
        Row(stacked(_MEASURES[measure], _scope(scope)), _cells(own, measure), order.index(measure))
        for (measure, scope), own in sorted(keyed.items(), key=lambda item: order.index(item[0][0]))
    )
    return ReportTable(stem, title, (_COLUMNS,), body, _notes(rows), synthetic)


def _scope(scope: str) -> Text:
    if scope in _SCOPES:
        return _SCOPES[scope]
    method, _, radius = scope.partition(", ")
    if method in _CATCHMENTS:
        return Text(zh=f"{_CATCHMENTS[method].zh}，{radius}", en=f"{_CATCHMENTS[method].en}, {radius}")
    kind, _, word = scope.partition("=")
    said = _WORDS.get(word, Text(zh=word, en=word))
    return Text(zh=f"{_KINDS[kind].zh}：{said.zh}", en=f"{_KINDS[kind].en}: {said.en}")


def _cells(own: pd.DataFrame, measure: str) -> tuple[str, ...]:
    decimals = 0 if measure in ("doctors", "left_out") else 3
    values = own.drop_duplicates("resource").set_index("resource")["value"].reindex([*RESOURCES, OFFLINE])
    cells = [NOTHING if math.isnan(value) else fixed(value, decimals) for value in values.astype(float).tolist()]
    return (*cells, f"{int(own['n'].max()):,}")


def _notes(rows: pd.DataFrame) -> tuple[Text, ...]:
    year = int(rows["year"].iloc[0])
    bases = sorted({int(year) for year in rows["base_year"].dropna()})
    told = rows[rows["note_en"] != ""].drop_duplicates(["measure", "scope", "note_en"])
    own = [
        Text(zh=f"{_MEASURES[str(measure)].zh}（{zhs}）：{zh}。", en=f"{_MEASURES[str(measure)].en} ({ens}): {en}.")
        for (measure, en, zh), of in told.groupby(["measure", "note_en", "note_zh"], sort=False)
        for zhs, ens in [("、".join(_scope(x).zh for x in of["scope"]), ", ".join(_scope(x).en for x in of["scope"]))]
    ]
    base = ", ".join(map(str, bases)) or NOTHING
    when = Text(
        zh=f"名单年份：{year}；人口与执业（助理）医师数年份：{base}。按常住人口计算。N：省或城市数；计数与占比为医生数。",
        en=f"List of {year}; population and physicians of {base}. By resident population. N: provinces or cities; of "
        "counts and shares, doctors.",
    )
    return (when, _HIGH, *own, _DESCRIPTION)


def provinces_table(rows: pd.DataFrame, panel: Panel, stem: str, title: Text, synthetic: bool) -> ReportTable:
    """Provinces of online_doctor in order of their codes: doctors, per 10,000 residents, location quotients."""
    header = (
        Text(zh="在线医生", en="Online doctors"),
        Text(zh="其中高水平", en="High quality"),
        Text(zh="每万人", en="Per 10,000"),
        Text(zh="高水平每万人", en="High quality per 10,000"),
        Text(zh="区位商", en="Location quotient"),
        Text(zh="高水平区位商", en="Quotient, high quality"),
    )
    body = tuple(_province(row, panel) for row in rows[rows[LEVEL] == PROVINCE].to_dict("records"))
    quotient = Text(
        zh="区位商：在线医生份额与执业（助理）医师份额之比，1为相同；城市线下医师数不在数据中，故仅按省计算。",
        en="Location quotient: share of online doctors over share of licensed (assistant) physicians, 1: the same. "
        "Physicians of cities are not in the data, so only provinces are compared.",
    )
    return ReportTable(stem, title, (header,), body, (_HIGH, quotient, _DESCRIPTION), synthetic)


def _province(row: dict[Any, Any], panel: Panel) -> Row:
    entity = panel.by_code[int(row["entity_code"])]
    columns = {
        "doctors": 0,
        "high_quality": 0,
        "doctors_per_10000": 3,
        "high_quality_per_10000": 3,
        "location_quotient": 2,
        "location_quotient_high_quality": 2,
    }
    cells = [NOTHING if pd.isna(row[name]) else fixed(float(row[name]), digits) for name, digits in columns.items()]
    return Row(entity.name, tuple(cells))
