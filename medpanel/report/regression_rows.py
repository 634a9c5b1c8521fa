"""What stands under the coefficients of a regression table: choices, statistics, notes.

Belongs here: reading them off `model_fit` and the study file. Does not belong here: coefficients (regression.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.labels import option_label, variable_label
from catalog.studies import ModelSpec
from medpanel.report.columns import Column
from models_py.figures.table import NOTHING, Row, number, stacked

_FACTOR = re.compile(r"factor (\d+\.\d+)")
YES, NO = "是 Yes", "否 No"


def choice_rows(rows: pd.DataFrame, columns: Sequence[Column], study: Study, fits: pd.DataFrame) -> list[Row]:
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
    optional: list[tuple[str, list[str | None]]] = [
        ("缩尾 Winsorised", [None if s is None or s.winsorise is None else _share(s.winsorise) for s in specs]),
        *_lags(study, specs),
        ("指数权重 Index weights", [_weights(study, s) for s in specs]),
        ("样本 Sample", ["剔除直辖市\nno municipalities" if s is not None and s.without else None for s in specs]),
    ]
    for label, cells in optional:
        if any(cell is not None for cell in cells):
            result.append(Row(label, tuple(NOTHING if cell is None else cell for cell in cells), 1))
    return result


def _share(share: float) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _lags(study: Study, specs: Sequence[ModelSpec | None]) -> list[tuple[str, list[str | None]]]:
    """A row for each variable any model lags."""
    rows = []
    for name in dict.fromkeys(name for spec in specs if spec is not None for name in spec.lags):
        label = variable_label(study, name, transformed=False)
        years = [None if spec is None else spec.lags.get(name) for spec in specs]
        row = stacked(Text(zh=f"{label.zh}滞后（年）", en=f"{label.en}, lag (years)"))
        rows.append((row, [None if lag is None else str(lag) for lag in years]))
    return rows


def _weights(study: Study, spec: ModelSpec | None) -> str | None:
    if spec is None or spec.weighting == "equal":
        return None
    return stacked(option_label(study, "weighting", spec.weighting))


def statistic_rows(rows: pd.DataFrame, columns: Sequence[Column], fits: pd.DataFrame) -> list[Row]:
    """Observations, clusters, the three R², degrees of freedom and small-sample factor."""

    def each(name: str, decimals: int) -> tuple[str, ...]:
        values = fits[name].astype("float64")
        return tuple(number(float(values[c.model]), decimals) for c in columns)

    def factor(column: Column) -> str:
        found = _FACTOR.search(str(fits.at[column.model, "convention"]))
        return found[1][:6] if found else NOTHING

    dropped = each("n_dropped", 0)
    df = tuple(number(float(rows.loc[c.model]["df"].iloc[0]), 0) if c.model in rows.index else NOTHING for c in columns)
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


def table_notes(
    rows: pd.DataFrame, columns: Sequence[Column], study: Study, fits: pd.DataFrame, identity: dict[str, bool]
) -> tuple[Text, ...]:
    """Estimator, errors, conventions; that an identity is one."""
    first, last = study.years
    notes = [
        Text(
            zh=f"最小二乘双向固定效应，{first}—{last}年。括号内为按省份聚类的CR1标准误，t检验；小样本系数为 "
            "G/(G−1)×(N−1)/(N−k)，k不计嵌套于聚类的省份效应。* p < 0.10，** p < 0.05，*** p < 0.01。"
            "结果为关联，非因果效应。",
            en=f"Least squares with two-way fixed effects, {first}-{last}. CR1 standard errors clustered by province "
            "in parentheses, t tests; small-sample factor G/(G−1) × (N−1)/(N−k), k without the province effects nested "
            "in clusters. * p < 0.10, ** p < 0.05, *** p < 0.01. Associations, not effects.",
        ),
        Text(
            zh="三个R²：扣除双向效应后；省内、年份虚拟变量作回归元（xtreg, fe）；含全部虚拟变量。"
            "各列的完整约定与设定见数据表 model_fit（convention、configuration）。",
            en="R²: after both effects; within province with year dummies as regressors (xtreg, fe); with all dummies. "
            "Every column's convention and choices in full: table model_fit.",
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
                zh=f"{which} 为恒等式：因变量是所列分指数的加权和（{shares}），系数只是权重，残差为舍入误差，"
                "故不标星号；不构成机制或中介。",
                en=f"{which} is an identity: the outcome is the weighted sum of the sub-indices ({shares}), the "
                "coefficients restate the weights and residuals are rounding, hence no stars; nothing here is a "
                "mechanism or mediation.",
            )
        )
    names = {t for m in fits.index if m in rows.index for t in rows.loc[m].index}
    if study.controls.transform in ("log_z", "z") and names & set(study.controls.variables):
        notes.append(
            Text(
                zh="（z）：按全样本均值与标准差（n−1）标准化；ln：自然对数。",
                en="(z): standardised by the mean and standard deviation (n − 1) of the whole sample; ln: natural log.",
            )
        )
    return tuple(notes)
