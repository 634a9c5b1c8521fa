"""F-C1 to F-C8 on the coupling paper, as rows of table `finding`, and the printed Moran's I under every weights.

Belongs here: headings, and what these data show. Does not belong here: what the paper prints (paper_texts.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import ALL, Identity
from catalog.labels import weights_label
from catalog.parts.coupling_findings import Options
from models_py.figures.text import number
from models_py.panel import ENTITY, Panel
from models_py.parts.comparison.printed import Printed, read_printed
from models_py.parts.coupling_findings import paper_texts as paper
from models_py.parts.findings import Check, Observation, both, finding_rows, observed
from models_py.parts.frame import Tables, Work
from models_py.parts.regressions.variables import prepare_variables
from models_py.parts.rows import as_table, note
from models_py.parts.spatial_weights import weights_of_study
from models_py.spatial.moran_tables import z_of

LEVEL_Z, NEAR_ONE, LOW = 1.96, 0.95, 0.3
TEST = "published_moran_z"
_IDENTITY = ("lm_lag", "robust_lm_error", "lm_error", "robust_lm_lag")


@dataclass(frozen=True)
class Inputs:
    """What a finding is looked for in. `degree`: entities x years; `tables`: estimate, spec_test, moran_global where
    the study has them; `printed_z`: rows of the printed Moran's I under every weights.
    """

    panel: Panel
    options: Options
    degree: pd.DataFrame
    tables: Tables
    printed_z: pd.DataFrame

    def own(self, table: str) -> pd.DataFrame:
        """Rows of the study's own choice, '' in `variant`; none if the study has no such table."""
        rows = self.tables.get(table)
        return pd.DataFrame(columns=["variant"]) if rows is None else rows[rows["variant"] == ""]

    def test(self, name: str, sample: str = ALL) -> float | None:
        """A statistic of the own spatial model's tests, the first there is."""
        rows = self.own("spec_test")
        if rows.empty:
            return None
        found = rows[(rows["test"] == name) & (rows["sample"] == sample)]["statistic"].dropna()
        return None if found.empty else float(found.iloc[0])

    def estimate(self, term: str, effect: str, sample: str = ALL) -> Mapping[str, Any] | None:
        """A row of the own spatial model's estimates, errors by simulation where there are two."""
        rows = self.own("estimate")
        if rows.empty:
            return None
        found = rows[(rows["term"] == term) & (rows["effect"] == effect) & (rows["sample"] == sample)]
        found = found[found["estimator"].isin(["sdm", "sar", "sac"]) & (found["method"] != "delta")]
        return None if found.empty else {str(key): value for key, value in found.iloc[0].items()}


_NO_MODEL = Observation(both("The study has no such spatial model.", "本研究无相应空间模型。"), None)


def highest_degree(inputs: Inputs) -> Observation:
    """F-C1. Holds when no degree here comes near 1."""
    highest = inputs.degree.max()
    year = int(str(highest.idxmax()))
    value, entity = float(highest[year]), inputs.panel.by_code[int(str(inputs.degree[year].idxmax()))]
    text = both(
        f"Largest degree: {value:.3f} ({entity.name_en}, {year}), where U1 U2 = {value**4:.3f}.",
        f"最高协调度{value:.3f}（{entity.short_zh}，{year}年），U1·U2＝{value**4:.3f}。",
    )
    return Observation(text, value < NEAR_ONE)


def lowest_degrees(inputs: Inputs) -> Observation:
    """F-C2. Holds when a western province lies below the range given for all in the first year."""
    year = inputs.degree.columns.min()
    west = [entity.code for entity in inputs.panel.entities if entity.region == "west"]
    every, of_west = inputs.degree[year], inputs.degree.loc[west, year]
    below = int((of_west < LOW).sum())
    text = both(
        f"{year}: all {every.min():.3f} to {every.max():.3f}; {below} of {len(west)} western provinces below {LOW}.",
        f"{year}年：全国{every.min():.3f}至{every.max():.3f}；西部{len(west)}省中{below}个低于{LOW}。",
    )
    return Observation(text, below > 0)


def moran_again(inputs: Inputs) -> Observation:
    """F-C3. Holds when no printed value is significant under the first of the weights."""
    texts = []
    for name, rows in inputs.printed_z.groupby("weights", sort=False):
        label, values = weights_label(str(name)), " ".join(number(z, 2) for z in rows["statistic"])
        texts.append(both(f"{label.en}: {values}", f"{label.zh}：{values}"))
    told = both(
        f"z of the printed values ({', '.join(paper.MORAN_YEARS)}): {'; '.join(one.en for one in texts)}.",
        f"论文各值（{'、'.join(paper.MORAN_YEARS)}年）的z：{'；'.join(one.zh for one in texts)}。",
    )
    first = inputs.printed_z[inputs.printed_z["weights"] == inputs.options.weights[0]]["statistic"]
    holds = None if first.empty else bool((first.abs() < LEVEL_Z).all())
    own = _own_moran(inputs)
    return observed([told, *([] if own is None else [own])], holds)


def _own_moran(inputs: Inputs) -> Text | None:
    rows = inputs.own("moran_global")
    if rows.empty:
        return None
    own = rows[rows["weights"] == rows["weights"].iloc[0]].sort_values("year")
    first, last = own.iloc[0], own.iloc[-1]
    positive, sure = int((own["i"] > own["expected_i"]).sum()), own.loc[own["p_sim"] <= 0.05, "year"].tolist()
    since, since_zh = (", ".join(map(str, sure)), "、".join(map(str, sure))) if sure else ("none", "无")
    return both(
        f"I here: {number(first['i'], 3)} in {first['year']}, {number(last['i'], 3)} in {last['year']}, above its "
        f"expectation in {positive} of {len(own)} years; significant at 5 % (permutations): {since}.",
        f"本数据I：{first['year']}年{number(first['i'], 3)}，{last['year']}年{number(last['i'], 3)}，"
        f"{len(own)}年中{positive}年高于期望；5%显著（置换）：{since_zh}。",
    )


def opposite_signs(inputs: Inputs) -> Observation:
    """F-C4. Holds when the residuals' z and the variable's I have opposite signs here too."""
    z, rows = inputs.test("moran_pooled"), inputs.own("moran_global")
    if z is None or rows.empty:
        return _NO_MODEL
    own = rows[rows["weights"] == rows["weights"].iloc[0]]
    mean = float((own["i"] - own["expected_i"]).mean())
    text = both(
        f"z of residuals {number(z, 2)}; I less its expectation, mean over years {number(mean, 3)}.",
        f"残差z值{number(z, 2)}；I与期望之差的历年均值{number(mean, 3)}。",
    )
    return Observation(text, z * mean < 0)


def identity_kept(inputs: Inputs) -> Observation:
    """F-C5. Holds when the identity fails here, beyond rounding."""
    found = [inputs.test(name) for name in _IDENTITY]
    values = [one for one in found if one is not None]
    if len(values) < len(_IDENTITY):
        return _NO_MODEL
    left, right = sum(values[:2]), sum(values[2:])
    text = both(
        f"{left:.6f} and {right:.6f}, {abs(left - right):.1e} apart.",
        f"{left:.6f}与{right:.6f}，相差{abs(left - right):.1e}。",
    )
    return Observation(text, not math.isclose(left, right, rel_tol=1e-8, abs_tol=1e-8))


def own_rho(inputs: Inputs) -> Observation:
    """F-C6. Holds when rho here is negative and the series of feedback diverges."""
    row, low, diverges = inputs.estimate("rho", "coef"), inputs.test("interval_low"), inputs.test("no_series")
    if row is None:
        return _NO_MODEL
    value = float(row["estimate"])
    bounds = "" if low is None else f"; feasible from {number(low, 3)}"
    bounds_zh = "" if low is None else f"；可行区间下限{number(low, 3)}"
    text = both(
        f"rho {number(value, 3)} ({number(row['ci_low'], 3)} to {number(row['ci_high'], 3)}){bounds}; 1 / (1 - rho) = "
        f"{number(1 / (1 - value), 3)}.",
        f"ρ＝{number(value, 3)}（{number(row['ci_low'], 3)}至{number(row['ci_high'], 3)}）{bounds_zh}；"
        f"1/(1－ρ)＝{number(1 / (1 - value), 3)}。",
    )
    return Observation(text, value < 0 and bool(diverges))


def own_regions(inputs: Inputs) -> Observation:
    """F-C7. Holds when the total effect of attention is larger in the centre than in the east."""
    names = {"east": ("east", "东部"), "central": ("centre", "中部"), "west": ("west", "西部")}
    rows = {region: inputs.estimate(inputs.options.attention, "total", region) for region in names}
    known = {region: row for region, row in rows.items() if row is not None}
    if not {"east", "central"} <= set(known):
        return _NO_MODEL
    en = ", ".join(
        f"{names[one][0]} {number(row['estimate'], 3)} (p {row['p_value']:.3f})" for one, row in known.items()
    )
    zh = "，".join(
        f"{names[one][1]}{number(row['estimate'], 3)}（p={row['p_value']:.3f}）" for one, row in known.items()
    )
    text = both(f"Total effect of {inputs.options.attention}: {en}.", f"政府数字关注总效应：{zh}。")
    return Observation(text, bool(known["central"]["estimate"] > known["east"]["estimate"]))


def own_components(inputs: Inputs) -> Observation:
    """F-C8. Holds when the weights of the central region fall into parts here too."""
    found, low = inputs.test("components", "central"), inputs.test("interval_low", "central")
    if found is None:
        return _NO_MODEL
    bound = "" if low is None else f", rho from {number(low, 3)}"
    text = both(
        f"{found:.0f} groups of central provinces{bound}.",
        f"中部{found:.0f}组{'' if low is None else f'，ρ下限{number(low, 3)}'}。",
    )
    return Observation(text, found > 1)


_TITLES = {
    "F-C1": both("Without rescaled indices no degree comes near 1", "指数不重新缩放时协调度不会接近1"),
    "F-C2": both(
        "In the first year a western province lies below the range said to hold all", "首年有西部省份低于所称全国范围"
    ),
    "F-C3": both("No printed Moran's I is significant under contiguity", "邻接权重下论文莫兰指数均不显著"),
    "F-C4": both("Residuals and the variable have Moran's I of opposite signs", "残差与变量的莫兰指数异号"),
    "F-C5": both("The Lagrange multipliers violate their identity", "LM检验不满足恒等关系"),
    "F-C6": both("rho is so negative that rounds of feedback diverge", "ρ过负以致反馈级数不收敛"),
    "F-C7": both(
        "The association with government attention rises from east to centre", "政府数字关注的关联由东到中上升"
    ),
    "F-C8": both("The weights of the central region fall into parts", "中部地区权重不连通"),
}
_PRINTED = (
    paper.near_one,
    paper.ranges,
    paper.moran_values,
    paper.signs,
    paper.multipliers,
    paper.rho,
    paper.decline,
    paper.two_parts,
)
_TESTS = (
    highest_degree,
    lowest_degrees,
    moran_again,
    opposite_signs,
    identity_kept,
    own_rho,
    own_regions,
    own_components,
)
CHECKS: tuple[Check[Inputs], ...] = tuple(
    Check(name, title, printed, test)
    for (name, title), printed, test in zip(_TITLES.items(), _PRINTED, _TESTS, strict=True)
)


def coupling_tables(work: Work) -> Tables:
    """Table finding, and the share of spec_test with the printed Moran's I. Raises ComparisonError, StudyError."""
    options, study = work.options, work.study
    printed = read_printed(work.tables["published_figure"], study.paper)
    frame = prepare_variables(work.tables["figures"], work.offered, study, work.panel)
    degree = frame.pivot(index=ENTITY, columns="year", values=options.variable)
    rows = printed_z(printed, weights_of_study(work), study)
    inputs = Inputs(work.panel, options, degree, work.tables, rows)
    return {
        "finding": finding_rows(CHECKS, lambda check: check.test(inputs), printed, study, work.data_kind),
        "spec_test": rows,
    }


def printed_z(printed: Printed, weights: Mapping[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """Rows of spec_test: z and p of every printed Moran's I under normality and each of the weights."""
    from scipy.special import ndtr

    rows = []
    for name, matrix in weights.items():
        identity = Identity(study.id, paper.MORAN_TABLE, "published", estimator="moran", weights=name)
        for year, figure in paper.printed_moran(printed).items():
            z, sd = z_of(figure.value, matrix)
            p = 2 * float(ndtr(-abs(z)))
            label = weights_label(name)
            said = note(
                f"The printed I of {year}, {figure}, under {label.en}: expectation {-1 / (len(matrix) - 1):.4f}, SD "
                f"{sd:.4f} under normality, z {z:.2f}, p {p:.3f}. It says how far a printed figure is from chance, not "
                "which weights the paper used.",
                f"论文{year}年I＝{figure}，{label.zh}权重下期望{-1 / (len(matrix) - 1):.4f}，正态假设标准差{sd:.4f}，"
                f"z＝{z:.2f}，p＝{p:.3f}。仅说明该数值偏离随机的程度，不说明论文所用权重。",
            )
            rows.append(
                {
                    **identity.columns,
                    "test": TEST,
                    "subject": year,
                    "statistic": z,
                    "p_value": p,
                    **said,
                }
            )
    return as_table(rows, "spec_test")
