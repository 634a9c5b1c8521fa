"""Tables of the report on imbalance: types of facility, gaps, and what is known of the paper's Figure 4 and Table 5.

Belongs here: rows, words and notes. Does not belong here: any statistic (levels.py, gaps.py).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from catalog.parts.imbalance import Options
from models_py.figures.table import NOTHING, ReportTable, Row, number
from models_py.panel import Panel
from models_py.parts.imbalance.levels import OCCUPANCY, divisions, type_label
from models_py.parts.imbalance.scopes import compared_rows, scope_label
from models_py.parts.imbalance.summary import known_of

# Column of `imbalance`: its head, what it is multiplied by, decimals.
_COLUMNS: Mapping[str, tuple[Text, float, int]] = {
    "visits": (Text(zh="诊疗人次（万）", en="Visits (10,000)"), 1, 0),
    "visit_share": (Text(zh="诊疗占比（%）", en="Share of visits (%)"), 100, 1),
    OCCUPANCY: (Text(zh="病床使用率（%）", en="Bed occupancy (%)"), 1, 1),
    "institutions": (Text(zh="机构数", en="Institutions"), 1, 0),
    "beds": (Text(zh="床位数", en="Beds"), 1, 0),
    "physicians": (Text(zh="医师数", en="Physicians"), 1, 0),
    "visits_per_institution": (Text(zh="每机构诊疗", en="Visits per institution"), 1, 0),
    "visits_per_bed": (Text(zh="每床诊疗", en="Visits per bed"), 1, 0),
    "visits_per_physician": (Text(zh="每医师诊疗", en="Visits per physician"), 1, 0),
    "utilisation_quotient": (Text(zh="利用商", en="Utilisation quotient"), 1, 2),
}
_MEASURES = {
    OCCUPANCY: Text(en="bed occupancy", zh="病床使用率"),
    "visit_share": Text(en="share of visits", zh="诊疗人次占比"),
}
_DELTA = (
    Text(en="Shanghai", zh="上海"),
    Text(en="Jiangsu", zh="江苏"),
    Text(en="Zhejiang", zh="浙江"),
    Text(en="Anhui", zh="安徽"),
)
_SURVEYED = {"quality of medical equipment lacking": Text(en="Medical equipment is lacking", zh="医疗设备质量不足")}


def types_table(
    rows: pd.DataFrame, options: Options, panel: Panel, title: Text, synthetic: bool
) -> Iterator[ReportTable]:
    """Every division in the year of the figures, nation first; none without rows of that year."""
    own = compared_rows(rows, options, options.year)
    if own.empty:
        return
    splits = [name for name, _, _ in divisions(load_registry().facilities)]
    scopes = list(dict.fromkeys(own["scope"]))
    ordered = sorted(own.to_dict("records"), key=lambda row: (scopes.index(row["scope"]), splits.index(row["split"])))
    blocks = list(dict.fromkeys((row["scope"], row["split"]) for row in ordered))
    body = [
        Row(
            _of(scope_label(row["scope"], panel), type_label(row["facility_type"])),
            tuple(_cell(row, name) for name in _COLUMNS),
            blocks.index((row["scope"], row["split"])),
        )
        for row in ordered
    ]
    known = known_of(rows)
    yield ReportTable(
        stem="facility_types",
        title=Text(en=f"{title.en}, {options.year}", zh=f"{title.zh}，{options.year}年"),
        header=(tuple(head for head, _, _ in _COLUMNS.values()),),
        rows=tuple(body),
        notes=(
            Text(en=f"{known.en[:1].upper()}{known.en[1:]}.", zh=f"{known.zh}。"),
            Text(
                en="Each block divides one whole: all institutions by official level, hospitals by grade, primary "
                "institutions by type, all institutions by the paper's tiers. Utilisation quotient: share of visits "
                f"divided by share of {options.capacity}. –: not known, or no denominator. All years: table imbalance.",
                zh="每组划分一个总体：全部机构按官方层级、医院按等级、基层按类型、全部机构按论文两类。"
                "利用商为诊疗占比÷资源占比。–：未知或无分母。各年见数据表 imbalance。",
            ),
        ),
        synthetic=synthetic,
    )


def _of(place: Text, kind: Text) -> Text:
    return Text(en=f"{place.en}: {kind.en}", zh=f"{place.zh}：{kind.zh}")


def _cell(row: Mapping[Any, Any], name: str) -> str:
    _, factor, decimals = _COLUMNS[name]
    return NOTHING if pd.isna(row[name]) else number(float(row[name]) * factor, decimals)


def gaps_table(
    rows: pd.DataFrame, options: Options, panel: Panel, title: Text, synthetic: bool
) -> Iterator[ReportTable]:
    """Gaps of the year of the figures in the nation and the compared provinces, then their differences (H2b)."""
    own = compared_rows(rows, options, options.year)
    if own.empty:
        return
    body = [_gap_row(row, panel) for row in own.to_dict("records")]
    yield ReportTable(
        stem="occupancy_gaps",
        title=Text(en=f"{title.en}, {options.year}", zh=f"{title.zh}，{options.year}年"),
        header=((Text(zh="被减数", en="First"), Text(zh="减数", en="Second"), Text(zh="差", en="Difference")),),
        rows=tuple(sorted(body, key=lambda row: row.block)),
        notes=(
            Text(
                en="In %, differences in percentage points. The last rows (H2b) are differences of gaps between a "
                "province and the nation, by the same types in both. The paper compares different types in the two "
                "places (F-B7). A difference between two places in one year is a description, not an effect.",
                zh="单位为%，差为百分点。末组（H2b）为同口径下省与全国差距之差；论文在两地比较的机构类型不同（F-B7）。"
                "单一年份两地之差仅为描述，并非效应。",
            ),
        ),
        synthetic=synthetic,
    )


def _gap_row(row: Mapping[Any, Any], panel: Panel) -> Row:
    place, measure = scope_label(row["scope"], panel), _MEASURES[row["measure"]]
    high, low = type_label(row["high_type"]), type_label(row["low_type"])
    pair = Text(en=f"{high.en} − {low.en}", zh=f"{high.zh}−{low.zh}")
    if row["compared_with"]:
        other = scope_label(row["compared_with"], panel)
        place = Text(en=f"{place.en} − {other.en}", zh=f"{place.zh}−{other.zh}")
    label = Text(en=f"{place.en}, {measure.en}: {pair.en}", zh=f"{place.zh}{measure.zh}：{pair.zh}")
    cells = tuple(NOTHING if pd.isna(row[name]) else number(float(row[name]), 2) for name in ("high", "low", "gap"))
    return Row(label, cells, int(bool(row["compared_with"])))


def insurance_table(printed: pd.DataFrame, title: Text) -> Iterator[ReportTable]:
    """Purchases per 10,000 people by province of the Yangtze Delta, as far as printed; `printed`: the paper's "
    "figures."""
    own = printed[printed["table_no"] == "Figure 4"].set_index("column_no")["value"]
    if own.empty:
        return
    yield ReportTable(
        stem="insurance",
        title=title,
        header=((Text(zh="每万人购买数", en="Purchases per 10,000 people"),),),
        rows=tuple(
            Row(place, (number(float(own[place.en]), 0) if place.en in own else Text(zh="未知", en="not known"),))
            for place in _DELTA
        ),
        notes=(
            Text(
                en="The paper's own figures, as printed in its text; it adds that port areas exceed 200. The other "
                "values are in a figure without numbers, and no file of this project has them.",
                zh="论文正文所印数字；另称港口地区超过200。其余数值仅见于无数字的图，本项目亦无相应文件。",
            ),
        ),
        synthetic=False,
    )


def weaknesses_table(printed: pd.DataFrame, title: Text) -> Iterator[ReportTable]:
    """Weaknesses named in the survey, most often named first, as far as printed; `printed`: the paper's figures."""
    own = printed[printed["table_no"] == "Table 5"].sort_values("value", ascending=False)
    if own.empty:
        return
    known = [Row(_SURVEYED[row["term"]], (number(row["value"], 1),)) for row in own.to_dict("records")]
    yield ReportTable(
        stem="weaknesses",
        title=title,
        header=((Text(zh="受访者（%）", en="Respondents (%)"),),),
        rows=(*known, Row(Text(zh="其余各行", en="All other rows"), (Text(zh="未知", en="not known"),), 1)),
        notes=(
            Text(
                en="The paper's own figure, from a survey of 2016 to 2022. The table is an image no stored copy of "
                "which could be read, so the other rows, and with them the ranks, are not known.",
                zh="论文自有数字，来自2016至2022年调查。原表为图片，未能读取，故其余各行及排序未知。",
            ),
        ),
        synthetic=False,
    )
