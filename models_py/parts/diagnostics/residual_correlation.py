"""Whether a model's residuals are correlated between neighbours, and over time within an entity.

Belongs here: which entities are neighbours, Moran's I of residuals by year and pooled, first-order autocorrelation of
fixed-effects residuals, the rows of standard errors that allow for neighbours (Conley), each in words. Does not belong
here: those covariances (models_py/spatial/conley.py, fixed_effects.py) and maps.
"""

import math
from typing import Any, get_args

import numpy as np
import pandas as pd

from catalog import load_provinces
from catalog.base import refuse
from catalog.provinces import load_adjacency
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.panel import Panel
from models_py.parts.rows import as_table, note, of_model, typed
from models_py.spatial.conley import Kernel, NotPositiveError, conley, pair_distances
from models_py.spatial.moran import MoranError, check_weights, moran, permutation_p


def contiguity_weights(panel: Panel) -> pd.DataFrame | None:
    """Row-standardised contiguity of the panel's unit, index and columns entity codes; None where it is not declared.

    Of provinces: all 31, whichever the panel has. Guangdong and Hainan count as neighbours by convention, so every
    row sums to 1.
    """
    if panel.unit.id != "province":
        return None
    codes, pairs = [province.province_code for province in load_provinces()], load_adjacency()
    matrix = np.array([[float((row, column) in pairs) for column in codes] for row in codes])
    return pd.DataFrame(matrix / matrix.sum(axis=1, keepdims=True), index=codes, columns=codes)


# Moran's moments need this many entities.
SMALLEST = 4
_APPROXIMATE = (
    "The moments take the residuals as given, not as estimated, so they are approximate.",
    "矩公式视残差为已知而非估计值，故为近似。",
)


def residual_correlation(
    data: ModelData, weights: pd.DataFrame | None, permutations: int = 999, seed: int = 0
) -> pd.DataFrame:
    """Rows of `spec_test`: `moran_residual` of each year, `moran_residual_pooled`, `residual_autocorrelation`.

    `weights`: square, index and columns entity codes, zero diagonal, usually contiguity with rows summing to 1; without
    them one row `moran_residual` says that there are none. The p-value of a year permutes entities (seed sequence
    [seed, year]); that of the pooled statistic, the mean over years of z'Wz over the mean of z'z, gives every year the
    same permutation, so that an entity keeps its path. In a year without some entities the rows of the weights are
    rescaled to their former sum among the others; an entity without a neighbour left is left out and named. With fewer
    than 4 entities the row is NaN and says so.

    Raises EstimationError when the model cannot be estimated, MoranError for weights that are not usable.
    """
    fit = data.solved
    residuals = pd.DataFrame({ENTITY: fit.sample.keys[ENTITY], "year": data.years, "residual": fit.residuals})
    table = residuals.pivot(index=ENTITY, columns="year", values="residual")
    rows = [
        *_moran_rows(table, weights, data.panel, permutations, seed),
        residual_autocorrelation(table.dropna(), data.trends, len(table), data.panel),
    ]
    return as_table([data.named(**{"subject": "", **row}) for row in rows], "spec_test")


def _moran_rows(
    table: pd.DataFrame, weights: pd.DataFrame | None, panel: Panel, permutations: int, seed: int
) -> list[dict[str, Any]]:
    """Rows of each year and of all together from residuals (entities x years)."""
    if weights is None:
        many, zh = panel.unit.many.en, panel.unit.many.zh
        return [
            _not_computed("moran_residual", f"which {many} are neighbours is not declared.", f"未声明{zh}的相邻关系。")
        ]
    check_weights(weights)
    refuse(
        ([panel.label(int(code)) for code in table.index if code not in weights.index], "the weights lack {}"),
        error=MoranError,
    )
    years = [_year(table[year].dropna(), weights, int(year), panel, permutations, seed) for year in table.columns]
    return [*years, _pooled(table.dropna(), len(table), weights, panel, permutations, seed)]


def _year(
    values: pd.Series, weights: pd.DataFrame, year: int, panel: Panel, permutations: int, seed: int
) -> dict[str, Any]:
    names = {"test": "moran_residual", "subject": str(year)}
    many, zh = panel.unit.many.en, panel.unit.many.zh
    among, left_out = _among(weights, values.index)
    alone = [panel.label(code) for code in left_out]
    english = f" Without a neighbour and left out: {', '.join(alone)}." if alone else ""
    chinese = f"无相邻{zh}而剔除：{'、'.join(alone)}。" if alone else ""
    if len(among) < SMALLEST:
        why = _not_computed(
            names["test"],
            f"{len(among)} {many} have a residual and a neighbour in {year}, {SMALLEST} are needed.{english}",
            f"{year}年仅{len(among)}个{zh}既有残差又有相邻{zh}，至少需要{SMALLEST}个。{chinese}",
        )
        return {**why, **names}
    result = moran(values.loc[among.index], among, permutations, seed=[seed, year])
    words = note(
        f"Moran's I of the residuals of {year}, {len(among)} {many}; expectation {result['expected_i']:.4f}; "
        f"z {result['z_norm']:.3f} (p {result['p_norm']:.4f}) under normality, {result['z_rand']:.3f} "
        f"(p {result['p_rand']:.4f}) under randomisation; p-value: {permutations} permutations of the {many}, "
        f"two-sided, seed [{seed}, {year}]. {_APPROXIMATE[0]}{english}",
        f"{year}年残差的莫兰指数，{len(among)}个{zh}；期望{result['expected_i']:.4f}；正态假设z＝{result['z_norm']:.3f}，"
        f"随机化假设z＝{result['z_rand']:.3f}；p值由{permutations}次{zh}置换得到（双侧，种子[{seed}, {year}]）。"
        f"{_APPROXIMATE[1]}{chinese}",
    )
    return {**names, "statistic": result["i"], "p_value": result["p_sim"], **words}


def _pooled(
    table: pd.DataFrame, n_all: int, weights: pd.DataFrame, panel: Panel, permutations: int, seed: int
) -> dict[str, Any]:
    test = "moran_residual_pooled"
    many, zh = panel.unit.many.en, panel.unit.many.zh
    among, _ = _among(weights, table.index)
    n, years = len(among), table.shape[1]
    if n < SMALLEST:
        return _not_computed(
            test,
            f"{n} {many} have a residual in every year and a neighbour, {SMALLEST} are needed.",
            f"仅{n}个{zh}各年均有残差且有相邻{zh}，至少需要{SMALLEST}个。",
        )
    z, w = table.loc[among.index].to_numpy(), among.to_numpy()
    z = z - z.mean(axis=0)
    scale = n / w.sum() / np.sum(z**2)
    # For permuted entities z'Wz needs only the products of their paths: sum_ij w_ij (z z')_p(i)p(j).
    products = z @ z.T
    orders = np.random.default_rng([seed, 0]).permuted(np.tile(np.arange(n), (permutations, 1)), axis=1)
    observed = float(scale * np.sum(w * products))
    drawn = scale * np.array([float(np.sum(w * products[np.ix_(order, order)])) for order in orders])
    expected = -1 / (n - 1)
    p_two, p_greater = permutation_p(observed, drawn, expected)
    words = note(
        f"Moran's I over all {years} years together, {n} {many} with a residual in every year ({n_all - n} left "
        f"out); expectation {expected:.4f}; {permutations} permutations of whole {many}, two-sided (towards "
        f"positive correlation p {p_greater:.4f}), seed [{seed}, 0]. {_APPROXIMATE[0]}",
        f"{years}年合并的残差莫兰指数，{n}个各年均有残差的{zh}（另{n_all - n}个剔除）；期望{expected:.4f}；"
        f"按{zh}整条路径置换{permutations}次，双侧，种子[{seed}, 0]。{_APPROXIMATE[1]}",
    )
    return {"test": test, "statistic": observed, "p_value": p_two, **words}


def residual_autocorrelation(table: pd.DataFrame, trends: bool, n_all: int, panel: Panel) -> dict[str, Any]:
    """Row `residual_autocorrelation` from the residuals of the entities with all years (`table`: entities x years).

    Pooled slope of e_t on e_t-1 without intercept, standard error clustered by entity, against the slope that errors
    without serial correlation give (Wooldridge 2010, Econometric Analysis of Cross Section and Panel Data, section
    10.5.4): -1/(T-1) after entity effects; in general sum_t M_t,t-1 / sum_t M_t-1,t-1, M the T x T matrix that
    removes an entity's effect and, with `trends`, its line. `n_all`: entities in the sample. NaN with fewer than 2
    such entities, fewer than 3 years (4 with trends) or years that do not follow each other.
    """
    from scipy.special import stdtr

    test = "residual_autocorrelation"
    one, many, zh = panel.unit.one.en, panel.unit.many.en, panel.unit.many.zh
    groups, periods = table.shape
    years = table.columns.to_numpy(dtype="int64")
    if groups < 2 or periods < 3 + trends or (np.diff(years) != 1).any():
        return _not_computed(
            test,
            f"{groups} {many} have a residual in each of {periods} years; at least 2 {many} and 3 successive "
            "years (4 with trends) are needed.",
            f"{groups}个{zh}在{periods}个年份均有残差；至少需要2个{zh}和连续3年（含趋势时4年）。",
        )
    removed = [np.ones(periods)] + ([years - years.mean()] if trends else [])
    basis = np.linalg.qr(np.column_stack(removed))[0]
    within = np.eye(periods) - basis @ basis.T
    null = float(np.trace(within[1:, :-1]) / np.trace(within[:-1, :-1]))
    now, before = table.to_numpy()[:, 1:], table.to_numpy()[:, :-1]
    total = float(np.sum(before**2))
    slope = float(np.sum(now * before)) / total
    sums = np.sum(before * (now - slope * before), axis=1)
    error = math.sqrt(groups / (groups - 1) * float(np.sum(sums**2))) / total
    t = (slope - null) / error
    words = note(
        f"t statistic of the slope of residuals on those of the year before, {slope:.4f}, against {null:.4f}, which "
        f"errors without serial correlation give here; {groups} {many} with all {periods} years ({n_all - groups} "
        f"left out), standard error clustered by {one}, G/(G-1). Standard errors clustered by {one} allow for it.",
        f"残差对上年残差的斜率{slope:.4f}，与无序列相关时应有的{null:.4f}之差的t统计量；{groups}个各年齐全的{zh}"
        f"（另{n_all - groups}个剔除），{periods}年，按{zh}聚类，G/(G-1)。按{zh}聚类的标准误已允许序列相关。",
    )
    return {"test": test, "statistic": t, "df": groups - 1, "p_value": float(2 * stdtr(groups - 1, -abs(t))), **words}


def _not_computed(test: str, english: str, chinese: str) -> dict[str, Any]:
    return {"test": test, **note(f"Not computed: {english}", f"未计算：{chinese}")}


def _among(weights: pd.DataFrame, members: pd.Index) -> tuple[pd.DataFrame, list[int]]:
    """The weights among `members`, rows at their former sums, and the members without a neighbour there."""
    part = weights.loc[members, members]
    alone: list[int] = []
    while len(part):
        sums = part.sum(axis=1)
        islands = sums.index[sums <= 0]
        if islands.empty:
            return part.mul(weights.loc[part.index].sum(axis=1) / sums, axis=0), alone
        alone += [int(code) for code in islands]
        part = part.drop(index=islands, columns=islands)
    return part, alone


_NOT_AVAILABLE = "conley_not_available"


def conley_rows(data: ModelData, term: str, cutoff_km: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of `estimate`, one for each kernel, and of `spec_test`.

    Coordinates are those of the panel. Where a kernel gives a variance that is not positive its row of `estimate` is
    absent; where an entity of the sample has no coordinates all are; `conley_not_available` then says why.

    Raises EstimationError when the model cannot be estimated and for a term it does not have.
    """
    places = pd.DataFrame(
        [(entity.code, entity.lon, entity.lat) for entity in data.panel.entities], columns=[ENTITY, "lon", "lat"]
    )
    unknown = places.loc[places[["lon", "lat"]].isna().any(axis=1), ENTITY]
    used = data.frame.dropna(subset=[data.outcome, *data.regressors])[ENTITY]
    if unknown.isin(used).any():
        return as_table([], "estimate"), as_table([_no_places(data, unknown[unknown.isin(used)])], "spec_test")
    tests = [_pairs(data, places, cutoff_km)]
    estimates = []
    for kernel in get_args(Kernel):
        try:
            made = conley(data, places, cutoff_km, kernel, [term])
        except NotPositiveError as error:
            why = note(f"No standard error: {error}.", f"无标准误：{error}。")
            tests.append(data.named(test=_NOT_AVAILABLE, subject=kernel, **why))
            continue
        estimates.append(of_model(typed(made.assign(**data.identity.columns), "estimate"), data))
    found = pd.concat(estimates, ignore_index=True) if estimates else as_table([], "estimate")
    return found, as_table(tests, "spec_test")


def _no_places(data: ModelData, unknown: pd.Series) -> dict[str, Any]:
    who = data.panel.called(unknown)
    return data.named(
        test=_NOT_AVAILABLE,
        subject="",
        **note(
            f"No Conley standard error: the panel gives no coordinates of {who.en}.",
            f"未计算Conley标准误：面板未提供以下{data.panel.unit.one.zh}的坐标：{who.zh}。",
        ),
    )


def _pairs(data: ModelData, places: pd.DataFrame, cutoff_km: float) -> dict[str, Any]:
    """Row `conley_pairs`: pairs of entities nearer than the cutoff, and the convention of the standard errors."""
    distances = pair_distances(data, places)
    one, many, zh = data.panel.unit.one.en, data.panel.unit.many.en, data.panel.unit.many.zh
    words = note(
        f"Pairs of {many}, of {len(distances)}, whose coordinates (columns lon and lat of their table) lie less than "
        f"{cutoff_km:g} km apart (great circle). The Conley standard errors allow for correlation between them "
        f"within a year, weighted by 1 - d/cutoff (bartlett) or 1 (uniform), and for any correlation within a {one} "
        "over the years; small-sample factor of CR1; t with G - 1 degrees of freedom; no random numbers.",
        f"共{len(distances)}对{zh}中，坐标（表中lon、lat）的大圆距离小于{cutoff_km:g}公里的对数。Conley标准误允许同年内"
        f"这些{zh}相关（bartlett权重1－d/阈值，uniform权重1），并允许同一{zh}任意跨年相关；采用CR1小样本系数，"
        "t分布自由度G－1；不含随机数。",
    )
    return data.named(test="conley_pairs", subject="", statistic=int((distances < cutoff_km).sum()), **words)
