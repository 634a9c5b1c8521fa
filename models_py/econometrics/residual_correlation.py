"""Whether a model's residuals are correlated between neighbouring provinces, and over time within a province.

Belongs here: Moran's I of residuals by year and pooled, first-order autocorrelation of fixed-effects residuals.
Does not belong here: standard errors that allow for it (conley.py, covariance.py) and maps.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from models_py.econometrics.absorbed_fit import AbsorbedFit, absorbed_fit
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.moran import MoranError, check_weights, moran, permutation_p
from models_py.econometrics.rows import SpecTest, spec_tests
from models_py.panel import province_label

_APPROXIMATE = (
    "The moments take the residuals as given, not as estimated, so they are approximate.",
    "矩公式视残差为已知而非估计值，故为近似。",
)


def residual_correlation(
    data: ModelData, weights: pd.DataFrame, permutations: int = 999, seed: int = 0
) -> pd.DataFrame:
    """Rows of `spec_test`: `moran_residual_<year>`, `moran_residual_pooled`, `residual_autocorrelation`.

    `weights`: square, index and columns province codes, zero diagonal, usually contiguity with rows summing to 1. The
    p-value of a year permutes provinces (seed sequence [seed, year]); that of the pooled statistic, the mean over years
    of z'Wz over the mean of z'z, gives every year the same permutation, so that a province keeps its path. In a year
    without some provinces the rows of the weights are rescaled to their former sum among the others; a province without
    a neighbour left is left out and named. With fewer than 4 provinces the row is NaN and says so.

    Raises EstimationError when the model cannot be estimated, MoranError for weights that are not usable.
    """
    check_weights(weights)
    fit = absorbed_fit(data)
    table = pd.DataFrame({"province": fit.sample.keys[ENTITY], "year": fit.year, "residual": fit.residuals}).pivot(
        index="province", columns="year", values="residual"
    )
    unknown = [code for code in table.index if code not in weights.index]
    if unknown:
        raise MoranError(f"the weights lack {', '.join(province_label(int(code)) for code in unknown)}")
    rows = [_year(table[year].dropna(), weights, int(year), permutations, seed) for year in table.columns]
    rows.append(_pooled(table.dropna(), len(table), weights, permutations, seed))
    rows.append(residual_autocorrelation(data, fit, table.dropna()))
    return spec_tests(data.label, rows)


def _year(values: pd.Series, weights: pd.DataFrame, year: int, permutations: int, seed: int) -> SpecTest:
    test = f"moran_residual_{year}"
    among, alone = _among(weights, values.index)
    left_out = (
        (f" Without a neighbour and left out: {', '.join(alone)}.", f"无邻省而剔除：{'、'.join(alone)}。")
        if alone
        else ("", "")
    )
    if len(among) < 4:
        return SpecTest(
            test,
            math.nan,
            f"Not computed: {len(among)} provinces with a residual and a neighbour in {year}, 4 are needed.{left_out[0]}",
            f"未计算：{year}年仅{len(among)}个省份既有残差又有邻省，至少需要4个。{left_out[1]}",
        )
    result = moran(values.loc[among.index], among, permutations, seed=[seed, year])
    return SpecTest(
        test,
        result["i"],
        f"Moran's I of the residuals of {year}, {len(among)} provinces; expectation {result['expected_i']:.4f}; "
        f"z {result['z_norm']:.3f} (p {result['p_norm']:.4f}) under normality, {result['z_rand']:.3f} "
        f"(p {result['p_rand']:.4f}) under randomisation; p-value: {permutations} permutations of the provinces, "
        f"two-sided, seed [{seed}, {year}]. {_APPROXIMATE[0]}{left_out[0]}",
        f"{year}年残差的莫兰指数，{len(among)}个省份；期望{result['expected_i']:.4f}；正态假设z＝{result['z_norm']:.3f}，"
        f"随机化假设z＝{result['z_rand']:.3f}；p值由{permutations}次省份置换得到（双侧，种子[{seed}, {year}]）。"
        f"{_APPROXIMATE[1]}{left_out[1]}",
        p_value=result["p_sim"],
    )


def _pooled(table: pd.DataFrame, n_all: int, weights: pd.DataFrame, permutations: int, seed: int) -> SpecTest:
    among, alone = _among(weights, table.index)
    n, dropped = len(among), n_all - len(among)
    if n < 4:
        return SpecTest(
            "moran_residual_pooled",
            math.nan,
            f"Not computed: {n} provinces have a residual in every year and a neighbour, 4 are needed.",
            f"未计算：仅{n}个省份各年均有残差且有邻省，至少需要4个。",
        )
    z = table.loc[among.index].to_numpy()
    z = z - z.mean(axis=0)
    w = among.to_numpy()
    scale = n / w.sum() / np.sum(z**2)
    observed = scale * float(np.sum(z * (w @ z)))
    rng = np.random.default_rng([seed, 0])
    order = rng.permuted(np.tile(np.arange(n), (permutations, 1)), axis=1)
    # z'Wz for permuted provinces needs only the products of paths: sum_ij w_ij (z z')_p(i)p(j).
    products = z @ z.T
    drawn = scale * np.array([float(np.sum(w * products[np.ix_(p, p)])) for p in order])
    expected = -1 / (n - 1)
    p_two, p_greater = permutation_p(observed, drawn, expected)
    return SpecTest(
        "moran_residual_pooled",
        observed,
        f"Moran's I over all {z.shape[1]} years together, {n} provinces with a residual in every year ({dropped} "
        f"without); expectation {expected:.4f}; {permutations} permutations of whole provinces, two-sided (towards "
        f"positive correlation p {p_greater:.4f}), seed [{seed}, 0]. {_APPROXIMATE[0]}",
        f"{z.shape[1]}年合并的残差莫兰指数，{n}个各年均有残差的省份（另{dropped}个没有）；期望{expected:.4f}；"
        f"整省置换{permutations}次，双侧，种子[{seed}, 0]。{_APPROXIMATE[1]}",
        p_value=p_two,
    )


def residual_autocorrelation(data: ModelData, fit: AbsorbedFit, table: pd.DataFrame) -> SpecTest:
    """Row `residual_autocorrelation` from the residuals of provinces with all years (`table`: provinces x years).

    Pooled slope of e_t on e_t-1 without intercept, CR1 by province, against the slope that errors without serial
    correlation would give (Wooldridge 2010, Econometric Analysis of Cross Section and Panel Data, section 10.5.4):
    -1/(T-1) after province effects alone; in general sum_t M_t,t-1 / sum_t M_t-1,t-1, M the T x T matrix that removes a
    province's effect and, with trends, its line. NaN with fewer than 2 such provinces or 3 years, or years with a gap.
    """
    from scipy.special import stdtr

    groups, periods = table.shape
    years = table.columns.to_numpy(dtype="int64")
    if groups < 2 or periods < 3 + data.trends or (np.diff(years) != 1).any():
        return SpecTest(
            "residual_autocorrelation",
            math.nan,
            f"Not computed: {groups} provinces have a residual in each of {periods} years, gaps between years or not; "
            "at least 2 provinces and 3 successive years (4 with trends) are needed.",
            f"未计算：{groups}个省份在{periods}个年份均有残差；至少需要2个省份和连续3年（含趋势时4年）。",
        )
    removed = [np.ones(periods)] + ([years - years.mean()] if data.trends else [])
    basis = np.linalg.qr(np.column_stack(removed))[0]
    within = np.eye(periods) - basis @ basis.T
    null = float(np.trace(within[1:, :-1]) / np.trace(within[:-1, :-1]))
    e = table.to_numpy()
    now, before = e[:, 1:], e[:, :-1]
    total = float(np.sum(before**2))
    slope = float(np.sum(now * before)) / total
    sums = np.sum(before * (now - slope * before), axis=1)
    error = math.sqrt(groups / (groups - 1) * float(np.sum(sums**2))) / total
    t = (slope - null) / error
    dropped = fit.sample.keys[ENTITY].nunique() - groups
    return SpecTest(
        "residual_autocorrelation",
        t,
        f"t statistic of the slope of residuals on those of the year before, {slope:.4f}, against {null:.4f}, what "
        f"errors without serial correlation give here; {groups} provinces with all {periods} years ({dropped} without), "
        f"standard error clustered by province, G/(G-1). Clustered standard errors allow for it.",
        f"残差对上年残差的斜率{slope:.4f}，与无序列相关时应有的{null:.4f}之差的t统计量；{groups}个各年齐全的省份"
        f"（另{dropped}个不全），{periods}年，按省份聚类，G/(G-1)。聚类标准误已允许序列相关。",
        df=groups - 1,
        p_value=float(2 * stdtr(groups - 1, -abs(t))),
    )


def _among(weights: pd.DataFrame, members: pd.Index) -> tuple[pd.DataFrame, list[str]]:
    """The weights among `members`, rows at their former sums, and the names of members without a neighbour there."""
    part = weights.loc[members, members]
    alone: list[str] = []
    while len(part):
        sums = part.sum(axis=1)
        islands = sums.index[sums <= 0]
        if islands.empty:
            return part.mul(weights.loc[part.index].sum(axis=1) / sums, axis=0), alone
        alone += [province_label(int(code)) for code in islands]
        part = part.drop(index=islands, columns=islands)
    return part, alone
