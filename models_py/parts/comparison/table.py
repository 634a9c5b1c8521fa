"""The table of printed figures beside the study's own.

Belongs here: its rows, words and notes. Does not belong here: finding and comparing the figures (comparison.py).
"""

from collections.abc import Callable, Mapping

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import variable_label
from catalog.papers import Paper, paper_named
from models_py.figures.names import chinese_number
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, fixed, number, stacked
from models_py.panel import Panel
from models_py.parts.comparison.printed import KEYS, figure

STEM = "published_comparison"
_HEADER = (
    Text(zh="论文", en="Printed"),
    Text(zh="本研究", en="Here"),
    Text(zh="符号", en="Sign"),
    Text(zh="显著性", en="Significance"),
    Text(zh="在95%区间内", en="Within 95 %"),
    Text(zh="吻合", en="Matches"),
)
_SAME = {True: Text(zh="同", en="same"), False: Text(zh="异", en="differs")}
_YES = {True: Text(zh="是", en="yes"), False: Text(zh="否", en="no")}
# Answers of a row in the order of the header, with what each is called in the count of them.
_ANSWERS: Mapping[str, tuple[Mapping[bool, Text], Text]] = {
    "same_sign": (_SAME, Text(zh="符号相同", en="same sign")),
    "same_significance": (_SAME, Text(zh="显著性一致", en="same significance")),
    "within_95": (_YES, Text(zh="论文数字在本研究95%区间内", en="printed figure within the 95 % interval here")),
    "matches": (_YES, Text(zh="与刊印小数位吻合", en="equal to the printed decimals")),
}
_SYNTHETIC = Text(
    zh="合成数据只能比较符号与显著性，不判断是否在区间内或吻合，亦不对论文作任何结论。",
    en="On synthetic data only sign and significance can be compared: whether a printed figure lies within the "
    "interval or matches is not asked, and nothing follows about the paper.",
)

_MATCHING = Text(
    zh="吻合：相差不超过刊印末位小数的一半。–：本研究无对应数字，或该项不适用。逐行见数据表 published_comparison。",
    en="Matches: within half a unit of the last printed decimal. –: no counterpart here, or nothing to compare. Row "
    "by row in table published_comparison.",
)


def comparison_table(
    rows: pd.DataFrame, published: pd.DataFrame, study: Study, panel: Panel, synthetic: bool
) -> ReportTable:
    """Every printed figure with its counterpart, in the order the paper prints them.

    `rows`: those of `published_comparison` of one study; `published`: `published_figure`, for decimals, stars and
    order. A figure here has the decimals of the printed one, its standard error below in brackets.
    """
    paper = paper_named(str(rows["paper"].iloc[0]))
    joined = rows.merge(published[[*KEYS, "value", "decimals", "stars", "unit", "published_id"]], on=KEYS)
    joined = joined.sort_values("published_id", kind="stable")
    columns = list(dict.fromkeys(zip(joined["table_no"], joined["column_no"], strict=True)))
    body = [
        _row(pd.Series(row), paper, study, columns.index((row["table_no"], row["column_no"])))
        for row in joined.to_dict("records")
    ]
    return ReportTable(
        stem=STEM,
        title=Text(
            zh=f"{study.title.zh}：论文刊印数字与本研究对照",
            en=f"{study.title.en}: the figures the paper prints, and here",
        ),
        header=(_HEADER,),
        rows=tuple(body),
        notes=tuple(_notes(rows, paper, panel, synthetic)),
        synthetic=synthetic,
    )


def _row(row: pd.Series, paper: Paper, study: Study, block: int) -> Row:
    printed, fact = figure(row), paper.fact(row["table_no"], row["column_no"], row["term"])
    # A year has no thousands comma.
    text = _year if fact is not None and fact.is_year else _number
    stars = printed.stars if printed.starred and printed.stars else ""
    given = ((row[name], words) for name, (words, _) in _ANSWERS.items())
    answers = (NOTHING if pd.isna(value) else words[bool(value)] for value, words in given)
    cells = (
        stacked(text(printed.value, printed.decimals), stars, between=""),
        _here(row, text, printed.decimals),
        *answers,
    )
    return Row(_label(row, paper, study), cells, block)


def _label(row: pd.Series, paper: Paper, study: Study) -> Text:
    """Table and column as printed, then what the row is about."""
    table, column, term = (str(row[name]) for name in ("table_no", "column_no", "term"))
    own = paper.labels.get(table, Text(zh=chinese_number(table), en=table))
    fact = paper.fact(table, column, term)
    if fact is not None:
        return Text(zh=f"{own.zh}：{fact.label.zh}", en=f"{own.en}: {fact.label.en}")
    if table in paper.statistics:
        name = variable_label(study, paper.variables[term], transformed=False)
    elif term in paper.coefficients:
        name = variable_label(study, paper.coefficients[term])
    else:
        name = paper.labels[term]
    head = paper.labels.get(column, Text(zh=column, en=column))
    return Text(zh=f"{own.zh} {head.zh}：{name.zh}", en=f"{own.en} {head.en}: {name.en}")


def _here(row: pd.Series, text: Callable[[float, int | None], Cell], decimals: int | None) -> Cell:
    """The study's figure, its standard error below in brackets."""
    if pd.isna(row["estimated"]):
        return NOTHING
    here = text(float(row["estimated"]), decimals)
    return here if pd.isna(row["std_error"]) else stacked(here, f"({number(float(row['std_error']), decimals or 0)})")


def _number(value: float, decimals: int | None) -> Cell:
    """A number; yes or no if it has no decimals."""
    return _YES[value != 0] if decimals is None else fixed(value, decimals)


def _year(value: float, decimals: int | None) -> Cell:
    return f"{value:.0f}"


def _notes(rows: pd.DataFrame, paper: Paper, panel: Panel, synthetic: bool) -> list[Text]:
    unit, matching = panel.unit.one, _MATCHING
    if paper.level is not None:
        level = f"{paper.level:.0%}"
        # Only the coefficients of `models` are known to be clustered.
        how = (f" clustered by {unit.en} (CR1)", f"按{unit.zh}聚类的标准误（CR1）") if paper.models else ("", "标准误")
        matching = Text(
            zh=f"括号内为{how[1]}。显著性：两者在{level}水平上均显著或均不显著。{_MATCHING.zh}",
            en=f"In brackets: standard error{how[0]}. Significance: both or neither significant at {level}. "
            f"{_MATCHING.en}",
        )
    return [_counts(rows), *([_SYNTHETIC] if synthetic else []), matching]


def _counts(rows: pd.DataFrame) -> Text:
    """How many figures have a counterpart, and for each question how many of the answers given are favourable."""
    total, found = len(rows), int(rows["estimated"].notna().sum())
    english, chinese = [f"{found} of {total} printed figures have a counterpart here"], []
    for name, (_, text) in _ANSWERS.items():
        given = rows[name].dropna().astype(bool)
        if len(given):
            english.append(f"{text.en}: {int(given.sum())} of {len(given)}")
            chinese.append(f"{text.zh}{int(given.sum())}/{len(given)}项")
    return Text(
        zh="；".join([f"论文刊印的{total}个数字中{found}个在本研究有对应数字", *chinese]) + "。",
        en="; ".join(english) + ".",
    )
