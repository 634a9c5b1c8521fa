"""One coefficient in every model of a table under every method of inference, as tables ready to be printed.

Belongs here: which rows and columns they have. Does not belong here: the figure of one model (figure_inference.py) and
the methods (models_py/econometrics).
"""

import math

import pandas as pd

from catalog.base import Text
from catalog.identity import COLUMNS
from catalog.labels import inner, label_of, load_labels, method_label
from models_py.figures.names import chinese_number, stem_of
from models_py.figures.table import NOTHING, ReportTable, Row, number, p_number, stacked


def inference_table(
    rows: pd.DataFrame, label: Text, *, study: Text, own_reading: str, synthetic: bool
) -> ReportTable | None:
    """Every model of a table under every method of inference: p-value over interval.

    `rows`: rows of `estimate` of one table and term, effect coef. `label` names the term, `study` is the study's title;
    its `own_reading` goes unsaid. None unless there is more than one method.
    """
    methods = by_label(rows["method"])
    if len(methods) < 2:
        return None
    body = [
        Row(
            stacked(label_of(dict(zip(COLUMNS, map(str, key), strict=True)), own_reading=own_reading)),
            _cells(part, methods),
        )
        for key, part in rows.groupby(list(COLUMNS), sort=False)
    ]
    table_no = str(rows["table_no"].iloc[0])
    levels = sorted({f"{level:.0%}" for level in rows["ci_level"].dropna()})
    return ReportTable(
        stem=stem_of(table_no, "inference"),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.zh}：{label.zh}系数的推断",
            en=f"{table_no}. {study.en}: inference on {inner(label.en)}",
        ),
        header=(("系数\nCoefficient", *(stacked(method_label(method)) for method in methods)),),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"上为双侧p值，下为{'、'.join(levels)}区间；–：未计算或该方法不给出。"
                "抽样次数、种子与做法见数据表 spec_test。关联，非因果效应。",
                en=f"Two-sided p-value over the {', '.join(levels)} interval; –: not computed, or not given by the "
                "method. Draws, seeds and conventions: table spec_test. Associations, not effects.",
            ),
        ),
        synthetic=synthetic,
    )


def by_label(methods: pd.Series) -> list[str]:
    """The methods there are, in the order of their labels, others by name after them."""
    known = {method: place for place, method in enumerate(load_labels().methods)}
    return sorted(set(methods), key=lambda method: (known.get(method, len(known)), method))


def _cells(rows: pd.DataFrame, methods: list[str]) -> tuple[str, ...]:
    """The coefficient of one model, then its p-value over its interval for each of `methods`."""
    numbers = rows[["estimate", "p_value", "ci_low", "ci_high"]].astype("float64").to_numpy().tolist()
    found = dict(zip(rows["method"], numbers, strict=True))
    cells = [number(numbers[0][0])]
    for method in methods:
        if method not in found:
            cells.append(NOTHING)
            continue
        _, p_value, low, high = found[method]
        interval = f"[{number(low)}, {number(high)}]" if math.isfinite(low) else NOTHING
        cells.append(f"{p_number(p_value)}\n{interval}")
    return tuple(cells)
