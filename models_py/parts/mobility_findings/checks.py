"""F-B1 to F-B7: what is odd in the mobility paper, looked for in the study's own tables.

Belongs here: what these data show. Does not belong here: printed figures and their arithmetic (paper_texts.py), and
computing the tables (models_py/parts/imbalance, network, ergm).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.parts import imbalance as options
from catalog.parts.imbalance import HIGH, NATION, PRIMARY
from catalog.provinces import provinces_by_code
from models_py.parts.comparison.printed import Printed, read_printed
from models_py.parts.findings import Check, Observation, finding_rows, observed
from models_py.parts.mobility_findings import paper_texts
from models_py.parts.mobility_findings.facts import criteria, parameters_of
from models_py.parts.network.official import standing

# Visits are in 10,000; the paper's are in 10^8.
_HUNDRED_MILLION = 10_000.0
_GRADED = ("tertiary_hospitals", "secondary_hospitals")
_NO_NETWORK = Observation(Text(en="The study has no network.", zh="本研究不含网络。"), None)
_NO_MODELS = Observation(Text(en="The study has no network models of Table 4.", zh="本研究不含表4的网络模型。"), None)
# The network behind the paper's Table 4, and the lower edge of the top class of its Figure 7.
_ZHEJIANG, _EDGE = "zhejiang_2017", ("Figure 7", "Zhejiang", "lower edge of top class, standardised in-degree")


@dataclass(frozen=True)
class Inputs:
    """Rows of tables of one study by their names, those it has; `data_kind` real or synthetic."""

    study: Study
    data_kind: str
    printed: Printed
    tables: Mapping[str, pd.DataFrame]

    @property
    def imbalance(self) -> pd.DataFrame | None:
        """Use by type of facility."""
        return self.tables.get("imbalance")

    @property
    def gaps(self) -> pd.DataFrame | None:
        """Gaps between types of facility."""
        return self.tables.get("imbalance_gap")

    @property
    def summary(self) -> pd.DataFrame | None:
        """The study's networks under their own thresholds."""
        rows = self.tables.get("network_summary")
        return None if rows is None or rows.empty else rows[rows["own"].astype(bool)].set_index("network")

    @property
    def spec(self) -> options.Options | None:
        """Options of the study's part `imbalance`."""
        return self.study.find(options.Options)

    def visits(self, *kinds: str) -> float | None:
        """Visits of the nation to these types in the year of the figure, in 10^8; None unless all are known."""
        if self.imbalance is None or self.spec is None:
            return None
        own = self.imbalance[(self.imbalance["scope"] == NATION) & (self.imbalance["year"] == self.spec.year)]
        found = own.set_index("facility_type")["visits"].reindex(list(kinds))
        return None if found.isna().any() else float(found.sum()) / _HUNDRED_MILLION


def whole_parameters(inputs: Inputs) -> Observation:
    """F-B1. Holds when (BIC - AIC)/(ln n - 2) is whole for every model here, n being the ordered pairs observed."""
    fits = criteria(inputs.tables.get("model_fit"), "Table 4")
    if fits.empty:
        return _NO_MODELS
    counts = [parameters_of(row) for row in fits.to_dict("records")]
    told, pairs = ", ".join(f"{count:.4f}" for count in counts), f"{int(fits['n_obs'].iloc[0]):,}"
    text = Text(en=f"k = {told} at {pairs} ordered pairs.", zh=f"{pairs}个有序对时k = {told}。")
    return observed([text], all(abs(count - round(count)) < 1e-4 for count in counts))


def lowest_criteria(inputs: Inputs) -> Observation:
    """F-B2. Holds when Model 2 has the lowest BIC of Table 4 here, and Model 3 the lowest AIC."""
    fits = criteria(inputs.tables.get("model_fit"), "Table 4")
    if fits.empty:
        return _NO_MODELS
    best = {name: str(fits[name].idxmin()) for name in ("aic", "bic")}
    told = "; ".join(f"{model} {row['aic']:.2f}, {row['bic']:.2f}" for model, row in fits.iterrows())
    text = Text(
        en=f"AIC, BIC: {told}. Lowest AIC: {best['aic']}; lowest BIC: {best['bic']}.",
        zh=f"AIC、BIC：{told}。AIC最低：{best['aic']}；BIC最低：{best['bic']}。",
    )
    return observed([text], best == {"aic": "Model 3", "bic": "Model 2"})


def one_control(inputs: Inputs) -> Observation:
    """F-B3. Not testable: the study file chooses the control, so that the number says nothing about the data."""
    fits = criteria(inputs.tables.get("model_fit"), "Table 4")
    if fits.empty:
        return _NO_MODELS
    formula = str(fits.loc["Model 1", "formula"])
    text = Text(
        en=f"Model 1 here, by choice of the study file: {formula}.", zh=f"本研究模型1（由研究文件选定）：{formula}。"
    )
    return observed([text], None)


def degrees_and_shares(inputs: Inputs) -> Observation:
    """F-B4. Holds when the mean of the standardised in-degree, which is the density, lies above the lower edge of the
    printed top class, so that this class cannot be of that measure here either.
    """
    summary, edge = inputs.summary, inputs.printed.get(*_EDGE)
    if summary is None or _ZHEJIANG not in summary.index:
        return _NO_NETWORK
    row = summary.loc[[_ZHEJIANG]].to_dict("records")[0]
    density, share = float(row["density"]), 1 / int(row["n_nodes"])
    text = Text(
        en=f"Mean standardised in-degree here, equal to the density: {density:.3f}; mean share of inflow: {share:.4f}.",
        zh=f"本数据标准化入度均值（等于密度）为{density:.3f}；流入占比均值为{share:.4f}。",
    )
    return observed([text], None if edge is None else density > edge.value)


def nodes_here(inputs: Inputs) -> Observation:
    """F-B6. Holds when a network here has as many nodes as the paper's, fewer than stand in the year-end list."""
    summary, city = inputs.summary, inputs.tables.get("city")
    if summary is None or _ZHEJIANG not in summary.index or city is None:
        return _NO_NETWORK
    nodes, official = int(summary["n_nodes"].loc[_ZHEJIANG]), _counties(city, 330000, 2017)
    every = ", ".join(f"{name} {int(count)}" for name, count in summary["n_nodes"].items())
    text = Text(
        en=f"Nodes here: {every}. County-level units of Zhejiang at the end of 2017 in the list of divisions: "
        f"{official}.",
        zh=f"节点数：{every}。区划名单中2017年末浙江县级单位：{official}个。",
    )
    return observed([text], nodes < official)


def _counties(city: pd.DataFrame, province: int, year: int) -> int:
    """County-level units of a province that stood at the end of a year."""
    own = city[(city["level"] == "county") & (city["province_code"] == province)]
    return int(standing(own, year).sum())


def two_splits(inputs: Inputs) -> Observation:
    """F-B5. Holds when the printed sum is nearer to hospital visits than to those of the two tiers, in 10^8.

    Not testable without visits of both divisions, without the printed figures, and on synthetic data, whose totals are
    invented; both divisions are told apart all the same.
    """
    hospitals, graded = inputs.visits("hospitals_all"), inputs.visits(*_GRADED)
    high, low = inputs.visits(HIGH), inputs.visits(PRIMARY)
    if hospitals is None or graded is None or high is None or low is None:
        return Observation(
            Text(
                en="Visits by type of facility are not in these data.",
                zh="本数据不含按机构类型的诊疗人次。",
            ),
            None,
        )
    text = Text(
        en=f"By grade: {graded:.2f} in second- and third-level hospitals, {hospitals - graded:.2f} in other hospitals, "
        f"together {hospitals:.2f} x 10^8. By the paper's definition: {high:.2f} in the high tier, {low:.2f} in "
        f"primary care, together {high + low:.2f} x 10^8.",
        zh=f"按等级：二、三级医院{graded:.2f}，其他医院{hospitals - graded:.2f}，合计{hospitals:.2f}亿人次。"
        f"按论文定义：高等级{high:.2f}，基层{low:.2f}，合计{high + low:.2f}亿人次。",
    )
    figures = paper_texts.printed_visits(inputs.printed)
    if figures is None or inputs.data_kind != "real":
        return observed([text], None)
    total = sum(figure.value for figure in figures)
    return observed([text], abs(hospitals - total) < abs(high + low - total))


def same_types(inputs: Inputs) -> Observation:
    """F-B7, H2b. Holds when the occupancy gap between the two tiers is wider in the compared province than in the
    nation, by the same types in both; by sign, as there is no sampling error. Not testable without both gaps.
    """
    spec, gaps = inputs.spec, inputs.gaps
    if spec is None or gaps is None or not spec.compared:
        return Observation(Text(en="The study compares no places.", zh="本研究不比较地区。"), None)
    key = {"compared_with": NATION, "measure": "bed_occupancy", "high_type": HIGH, "year": spec.year}
    rows = gaps[(gaps[list(key)] == list(key.values())).all(axis=1) & gaps["gap"].notna()]
    rows = rows[rows["scope"] == str(spec.compared[0])]
    if rows.empty:
        return Observation(
            Text(en="Bed occupancy by type is not in these data.", zh="本数据不含按机构类型的病床使用率。"), None
        )
    row, place = rows.iloc[0], provinces_by_code()[spec.compared[0]]
    text = Text(
        en=f"Gap of the high tier over primary care in {place.name_en}: {row['high']:.2f} points; in the nation: "
        f"{row['low']:.2f}; difference {row['gap']:.2f}.",
        zh=f"高等级与基层的差距：{place.short_zh}{row['high']:.2f}个百分点，全国{row['low']:.2f}，相差{row['gap']:.2f}。",
    )
    return observed([text], float(row["gap"]) > 0)


CHECKS: tuple[Check[Inputs], ...] = (
    Check(
        "F-B1",
        Text(en="BIC of Table 4 counts ordered pairs of nodes", zh="表4的BIC以有序节点对计数"),
        paper_texts.counted_pairs,
        whole_parameters,
    ),
    Check(
        "F-B2",
        Text(en="Model 2, not Model 3, has the lowest BIC of Table 4", zh="表4中BIC最低的是模型2而非模型3"),
        paper_texts.lowest,
        lowest_criteria,
    ),
    Check(
        "F-B3",
        Text(en="Model 1 of Table 4 has exactly one control beside GDP", zh="表4模型1除GDP外恰有一个控制变量"),
        paper_texts.controls,
        one_control,
    ),
    Check(
        "F-B4",
        Text(
            en="Figure 7 is not the normalised in-degree of the network of Table 4",
            zh="图7并非表4网络的标准化入度中心性",
        ),
        paper_texts.centrality,
        degrees_and_shares,
    ),
    Check(
        "F-B5",
        Text(
            en="Figure 3 splits hospitals by grade, in 10^8 visits, and leaves primary care out",
            zh="图3实为医院按等级的划分（亿人次），未含基层",
        ),
        paper_texts.visits,
        two_splits,
    ),
    Check(
        "F-B6",
        Text(
            en="The networks have fewer nodes than the list of divisions has units", zh="网络节点数少于区划名单的单位数"
        ),
        paper_texts.node_lists,
        nodes_here,
    ),
    Check(
        "F-B7",
        Text(
            en="By the same types of facility, Zhejiang's occupancy gap is wider than the nation's (H2b)",
            zh="同一机构口径下，浙江的病床使用率差距大于全国（H2b）",
        ),
        paper_texts.types_compared,
        same_types,
    ),
)


def mobility_findings(
    study: Study,
    data_kind: str,
    published: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Table `finding`: what is odd in the mobility paper, and whether the study's tables show it too. `tables`: those
    it has of imbalance, imbalance_gap, network_summary, model_fit, city.

    Raises ComparisonError as `read_printed`.
    """
    inputs = Inputs(study, data_kind, read_printed(published, study.paper), tables)
    return finding_rows(CHECKS, lambda check: check.test(inputs), inputs.printed, study, data_kind)
