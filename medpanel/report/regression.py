"""Regression tables in the field's layout: a column per model, coefficients with stars over standard errors.

Belongs here: which rows and columns they have. Does not belong here: how they are written (formats.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import load_labels, option_label, variable_label
from catalog.studies import ModelSpec
from medpanel.report.table import (
    NOTHING,
    ReportTable,
    Row,
    chinese_number,
    fixed,
    number,
    stacked,
    stars,
    stem_of,
)

METHOD = "cr1"
EVENT = re.compile(r"event_(-?\d+)")
_FACTOR = re.compile(r"factor (\d+\.\d+)")
# A fit this close to perfect leaves residuals that are rounding: an identity, not a finding.
_IDENTITY = 1 - 1e-9
YES, NO = "是 Yes", "否 No"


@dataclass(frozen=True)
class Column:
    """One model: its name as published, the declaration behind it (None for one the study file has not), its reading
    (None for the study's own), and what else the name says ("vintage ...", "without 2024").
    """

    model: str
    spec: ModelSpec | None
    reading: str | None
    variant: str

    @property
    def name(self) -> str:
        """The declared name, or the published one."""
        return self.model if self.spec is None else self.spec.model


def columns_of(model_fit: pd.DataFrame, study: Study, table_no: str) -> list[Column]:
    """The models of a table in the order of their rows, taken apart."""
    specs = sorted((s for s in study.models if s.table_no == table_no), key=lambda s: -len(s.model))
    readings = study.index.readings if study.index is not None else ()
    found = []
    for model in model_fit.loc[model_fit["table_no"] == table_no, "model"]:
        spec = next((s for s in specs if model == s.model or model.startswith(f"{s.model} ")), None)
        rest = model.removeprefix(spec.model).strip() if spec is not None else ""
        reading = rest if rest in readings else None
        found.append(Column(model, spec, reading, "" if reading is not None else rest))
    return found


def regression_tables(
    estimate: pd.DataFrame, model_fit: pd.DataFrame, study: Study, table_no: str, synthetic: bool
) -> list[ReportTable]:
    """A table's columns under the study's own reading; all readings side by side; further versions of the headline.

    The second and third only where there are any. Rows of `estimate` (method cr1) and `model_fit` of one study.
    """
    columns = columns_of(model_fit, study, table_no)
    own = [c for c in columns if c.reading is None and not c.variant]
    tables = [_table(estimate, model_fit, study, table_no, own, "", synthetic)] if own else []
    other = [c for c in columns if c.reading is not None]
    if other:
        named = {c.name for c in other}
        beside = [c for c in own if c.name in named] + other
        tables.append(_table(estimate, model_fit, study, table_no, beside, "readings", synthetic))
    variants = [c for c in columns if c.variant]
    if variants:
        of = {c.name for c in variants}
        beside = [c for c in own if c.name in of] + variants
        tables.append(_table(estimate, model_fit, study, table_no, beside, "versions", synthetic))
    return tables


def term_label(study: Study, term: str) -> Text:
    """A regressor's name; years since first exposure for event_<k>."""
    event = EVENT.fullmatch(term)
    if event is None:
        return variable_label(study, term)
    k = event[1].replace("-", "−")
    return Text(zh=f"首次暴露后{k}年", en=f"{k} years since first exposure")


_SUBTITLE = {
    "": Text(zh="双向固定效应回归", en="two-way fixed-effects regressions"),
    "readings": Text(zh="双向固定效应回归，各利用口径并列", en="two-way fixed-effects regressions, readings side by side"),
    "versions": Text(zh="双向固定效应回归，其他版本", en="two-way fixed-effects regressions, further versions"),
}


def _table(
    estimate: pd.DataFrame,
    model_fit: pd.DataFrame,
    study: Study,
    table_no: str,
    columns: Sequence[Column],
    part: str,
    synthetic: bool,
) -> ReportTable:
    rows = estimate[(estimate["table_no"] == table_no) & (estimate["method"] == METHOD)]
    rows = rows[rows["effect"] == "coef"].set_index(["model", "term"])
    fits = model_fit[model_fit["table_no"] == table_no].set_index("model")
    models = [c.model for c in columns]
    terms = list(dict.fromkeys(t for m in models if m in rows.index for t in rows.loc[m].index))
    terms.sort(key=lambda t: t != study.headline.term)
    identity = {m: bool(fits.at[m, "r2_within"] > _IDENTITY) for m in models}
    body = [
        Row(stacked(term_label(study, t)), tuple(_coefficient(rows, m, t, identity[m]) for m in models), 0) for t in terms
    ]
    body += _choices(rows, columns, study, fits)
    body += _statistics(rows, columns, fits)
    outcome = [_outcome(study, c, fits) for c in columns]
    # A name that repeats the outcome's abbreviation says nothing more.
    header = [tuple(map(stacked, outcome)), tuple(_shown(c, part) for c in columns)]
    if part == "readings" and study.index is not None:
        labels = load_labels().readings
        own = study.index.utilisation
        header.insert(0, tuple(stacked(labels[c.reading or own]) for c in columns))
    subtitle = _SUBTITLE[part]
    number_en = f"{table_no}. " if table_no.startswith("Table ") else f"{table_no}: "
    return ReportTable(
        stem=stem_of(table_no, part),
        title=Text(
            zh=f"{chinese_number(table_no)}  {study.title.zh}：{subtitle.zh}",
            en=f"{number_en}{study.title.en}: {subtitle.en}",
        ),
        header=tuple(header),
        rows=tuple(body),
        notes=_notes(rows, columns, study, fits, identity),
        synthetic=synthetic,
    )


def _shown(column: Column, part: str) -> str:
    return column.model if part == "versions" else column.name


def _outcome(study: Study, column: Column, fits: pd.DataFrame) -> Text:
    name = column.spec.outcome if column.spec is not None else str(fits.at[column.model, "formula"]).split("~")[0].strip()
    return variable_label(study, name)


def _coefficient(rows: pd.DataFrame, model: str, term: str, identity: bool) -> str:
    if (model, term) not in rows.index:
        return ""
    row = rows.loc[(model, term)]
    value, error = float(row["estimate"]), float(row["std_error"])
    if identity:
        return f"{fixed(value)}\n({fixed(error)})"
    return f"{number(value)}{stars(float(row['p_value']))}\n({number(error)})"


def _choices(rows: pd.DataFrame, columns: Sequence[Column], study: Study, fits: pd.DataFrame) -> list[Row]:
    """What was absorbed and done to the variables: effects always, the rest where any column has it."""
    specs = [c.spec for c in columns]
    formulas = [str(fits.at[c.model, "formula"]) for c in columns]

    def controlled(column: Column) -> bool:
        if column.model not in rows.index:
            return False
        terms = set(rows.loc[column.model].index) - {study.headline.term}
        return bool(terms & set(study.controls.variables))

    regional = ["region_year" in f.split("|")[-1] for f in formulas]
    trends = [" x (" in f.split("|")[0] for f in formulas]
    result = [
        Row("控制变量 Controls", tuple(YES if controlled(c) else NO for c in columns), 1),
        Row("省份固定效应 Province FE", tuple(YES if "province_code" in f else NO for f in formulas), 1),
        Row("年份固定效应 Year FE", tuple(NO if r else YES for r in regional), 1),
        Row("省份线性趋势 Province trends", tuple(YES if t else NO for t in trends), 1),
    ]
    if any(regional):
        result.insert(3, Row("地区×年份固定效应 Region × year FE", tuple(YES if r else NO for r in regional), 1))
    optional = [
        ("缩尾 Winsorised", [None if s is None or s.winsorise is None else _share(s.winsorise) for s in specs]),
        ("滞后 Lagged", [None if s is None else _lags(s) for s in specs]),
        ("指数权重 Index weights", [None if s is None or s.weighting == "equal" else _weights(study, s) for s in specs]),
        ("样本 Sample", ["剔除直辖市\nno municipalities" if s is not None and s.without else None for s in specs]),
    ]
    for label, cells in optional:
        if any(cell is not None for cell in cells):
            result.append(Row(label, tuple(NOTHING if cell is None else cell for cell in cells), 1))
    return result


def _share(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _lags(spec: ModelSpec) -> str | None:
    return "；".join(f"{name} {years}年" for name, years in spec.lags.items()) or None


def _weights(study: Study, spec: ModelSpec) -> str:
    return stacked(option_label(study, "weighting", spec.weighting))


def _statistics(rows: pd.DataFrame, columns: Sequence[Column], fits: pd.DataFrame) -> list[Row]:
    def each(name: str, decimals: int) -> tuple[str, ...]:
        return tuple(
            NOTHING if pd.isna(fits.at[c.model, name]) else number(float(fits.at[c.model, name]), decimals)
            for c in columns
        )

    def factor(column: Column) -> str:
        found = _FACTOR.search(str(fits.at[column.model, "convention"]))
        return found[1][:6] if found else NOTHING

    dropped = each("n_dropped", 0)
    df = tuple(
        number(float(rows.loc[c.model]["df"].iloc[0]), 0) if c.model in rows.index else NOTHING for c in columns
    )
    result = [
        Row("观测数 N", each("n_obs", 0), 2),
        Row("聚类数（省份） Clusters (provinces)", each("n_clusters", 0), 2),
        Row("R²（双向组内） R² within both effects", each("r2_within", 3), 2),
        Row("R²（省内） R² within province", each("r2_within_entity", 3), 2),
        Row("R²（总体） R² overall", each("r2", 3), 2),
        Row("t分布自由度 df of t", df, 2),
        Row("小样本系数 Small-sample factor", tuple(map(factor, columns)), 2),
    ]
    if any(cell not in ("0", NOTHING) for cell in dropped):
        result.insert(1, Row("剔除行数 Rows dropped", dropped, 2))
    return result


def _notes(
    rows: pd.DataFrame, columns: Sequence[Column], study: Study, fits: pd.DataFrame, identity: dict[str, bool]
) -> tuple[Text, ...]:
    first, last = study.years
    notes = [
        Text(
            zh=f"最小二乘双向固定效应，{first}—{last}年。括号内为按省份聚类的CR1标准误，t检验；小样本系数为 G/(G−1)×(N−1)/(N−k)，"
            "k不计嵌套于聚类的省份效应。* p < 0.10，** p < 0.05，*** p < 0.01。结果为关联，非因果效应。",
            en=f"Least squares with two-way fixed effects, {first}-{last}. CR1 standard errors clustered by province in "
            "parentheses, t tests; small-sample factor G/(G−1) × (N−1)/(N−k), k without the province effects nested in "
            "clusters. * p < 0.10, ** p < 0.05, *** p < 0.01. Associations, not effects.",
        ),
        Text(
            zh="三个R²：扣除双向效应后；省内、年份虚拟变量作回归元（xtreg, fe）；含全部虚拟变量。各列的完整约定与设定见数据表 "
            "model_fit（convention、configuration）。",
            en="R²: after both effects; within province with year dummies as regressors (xtreg, fe); with all dummies. Every "
            "column's convention and choices in full: table model_fit.",
        ),
    ]
    if any(identity.values()):
        shares = ""
        if study.index is not None:
            sizes = {name: len(members) for name, members in study.index.dimensions.items()}
            total = sum(sizes.values())
            shares = ", ".join(f"{name.upper()} {size}/{total}" for name, size in sizes.items())
        which = ", ".join(dict.fromkeys(c.name for c in columns if identity[c.model]))
        notes.append(
            Text(
                zh=f"{which} 为恒等式：因变量是所列分指数的加权和（{shares}），系数只是权重，残差为舍入误差，故不标星号；不构成机制或中介。",
                en=f"{which} is an identity: the outcome is the weighted sum of the sub-indices ({shares}), the coefficients "
                "restate the weights and residuals are rounding, hence no stars; nothing here is a mechanism or mediation.",
            )
        )
    names = {t for m in fits.index if m in rows.index for t in rows.loc[m].index}
    if study.controls.transform in ("log_z", "z") and names & set(study.controls.variables):
        notes.append(
            Text(
                zh="（z）：按全样本均值与标准差（n−1）标准化；ln：自然对数。",
                en="(z): standardised by the mean and standard deviation (n − 1) of the whole sample; ln: natural logarithm.",
            )
        )
    return tuple(notes)


