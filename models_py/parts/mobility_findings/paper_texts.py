"""What the mobility paper prints on F-B1 to F-B7, and what follows from it by arithmetic.

Belongs here: texts made of printed figures, and of official ones the domain cites. Does not belong here: anything
computed from a study's own data (checks.py).
"""

import math

from catalog.base import Text
from models_py.parts.comparison.printed import Figure, Printed
from models_py.parts.findings import both

# County-level units of Zhejiang in the paper: ordered pairs of them are the observations of Table 4.
NODES = 88
_DYADS = NODES * (NODES - 1)
# Official figures of 2021, in 10^8 visits (national bulletin, People's Daily 2022-07-13), and the share of all visits.
OFFICIAL_HOSPITALS, OFFICIAL_PRIMARY, OFFICIAL_SHARE = 38.8, 42.5, 50.2
_HIGH = ("Figure 3", "2021", "patients, high-tier hospitals")
_LOW = ("Figure 3", "2021", "patients, primary care facilities")
Texts = tuple[Text, Text] | None


def parameters(aic: float, bic: float, observations: int = _DYADS) -> float:
    """Number of parameters k of a fit: BIC - AIC = k (ln n - 2), as AIC = -2l + 2k and BIC = -2l + k ln n."""
    return (bic - aic) / (math.log(observations) - 2)


def least_density(deviance: float, observations: int = _DYADS) -> float:
    """The least density, below one half, of a network whose model has at least this deviance.

    A model has no larger deviance than edges only, -2n (p ln p + (1 - p) ln(1 - p)), which rises with the density p up
    to one half. Raises ValueError for a deviance that no density reaches.
    """
    if not 0 <= deviance <= 2 * observations * math.log(2):
        raise ValueError(f"no network of {observations} ordered pairs has a deviance of {deviance}")
    low, high = 0.0, 0.5
    for _ in range(60):
        middle = (low + high) / 2
        entropy = -(middle * math.log(middle) + (1 - middle) * math.log(1 - middle))
        low, high = (low, middle) if 2 * observations * entropy >= deviance else (middle, high)
    return high


def fits_of(printed: Printed) -> list[tuple[Figure, Figure]] | None:
    """AIC and BIC of the three models of Table 4; None if one is not printed."""
    pairs = [
        printed.all(("Table 4", f"Model {model}", "AIC"), ("Table 4", f"Model {model}", "BIC")) for model in (1, 2, 3)
    ]
    return None if any(pair is None for pair in pairs) else [(pair[0], pair[1]) for pair in pairs if pair is not None]


def counted_pairs(printed: Printed) -> Texts:
    """F-B1: the number of parameters is whole only if BIC counts ordered pairs."""
    fits = fits_of(printed)
    if fits is None:
        return None
    listed = ", ".join(f"{parameters(aic.value, bic.value):.4f}" for aic, bic in fits)
    others = ", ".join(f"{parameters(aic.value, bic.value, NODES):.2f}" for aic, bic in fits)
    told = "; ".join(f"{aic}, {bic}" for aic, bic in fits)
    return (
        both(f"AIC, BIC of Models 1-3: {told}", f"模型1—3的AIC、BIC：{told}"),
        both(
            f"k = (BIC - AIC)/(ln n - 2) is {listed} at n = {NODES} x {NODES - 1} = {_DYADS:,} ordered pairs, "
            f"and {others} at n = {NODES} nodes: BIC counts ordered pairs",
            f"k = (BIC - AIC)/(ln n - 2) 在n = {NODES}×{NODES - 1} = {_DYADS:,}个有序对时为{listed}，"
            f"在n = {NODES}个节点时为{others}：BIC以有序对计数",
        ),
    )


def lowest(printed: Printed) -> Texts:
    """F-B2: which model has the lowest criteria."""
    fits = fits_of(printed)
    if fits is None:
        return None
    bics = [bic for _, bic in fits]
    best = min(range(3), key=lambda at: bics[at].value) + 1
    return (
        both("“Model 3 has the lowest AIC and BIC”", "“模型3的AIC与BIC最低”"),
        both(
            f"BIC: {bics[0]}, {bics[1]}, {bics[2]}: Model {best} has the lowest; of AIC the claim holds",
            f"BIC为{bics[0]}、{bics[1]}、{bics[2]}：模型{best}最低；就AIC而言该说法成立",
        ),
    )


def controls(printed: Printed) -> Texts:
    """F-B3: how many controls Model 1 has."""
    fits = fits_of(printed)
    if fits is None:
        return None
    count = round(parameters(fits[0][0].value, fits[0][1].value))
    return (
        both("Model 1 of Table 4: controls not listed in the text", "表4模型1：正文未列出控制变量"),
        both(
            f"k = {count}: edges, PCF, HTH, GDP and exactly {count - 4} more of UR, ENV, INT, EDU",
            f"k = {count}：边、PCF、HTH、GDP，另有UR、ENV、INT、EDU中的{count - 4}个",
        ),
    )


def node_lists(printed: Printed) -> Texts:
    """F-B6: the numbers of nodes beside the official counts (year-end lists of divisions)."""
    found = printed.all(("design", "national", "nodes"), ("design", "Zhejiang", "nodes"))
    if found is None:
        return None
    national, zhejiang = found
    return (
        both(
            f"{national} cities in 2023, {zhejiang} county-level units in 2017",
            f"2023年{national}个城市，2017年{zhejiang}个县级单位",
        ),
        both(
            "288 prefecture-level cities stood at the end of 2014, 293 at that of 2023; Zhejiang had 89 county-level "
            "units at the end of 2017 and 90 at that of 2023, never 88: some are left out, and the paper does not say "
            "which",
            "2014年末有地级市288个，2023年末293个；浙江县级单位2017年末89个、2023年末90个，从未为88个："
            "有所剔除而论文未说明",
        ),
    )


def centrality(printed: Printed) -> Texts:
    """F-B4: the lower edge of Figure 7's top class, and the least mean of Freeman's in-degree in Table 4's network."""
    edge = printed.get("Figure 7", "Zhejiang", "lower edge of top class, standardised in-degree")
    fits = fits_of(printed)
    if edge is None or fits is None:
        return None
    counts = [parameters(aic.value, bic.value) for aic, bic in fits]
    listed = ", ".join(f"{count:.4f}" for count in counts)
    # Model 1 has the largest deviance.
    density = least_density(fits[0][0].value - 2 * round(counts[0]))
    return (
        both(f"top class from {edge}; AIC and BIC of Table 4", f"最高组自{edge}起；表4的AIC与BIC"),
        both(
            f"(BIC - AIC)/(ln {_DYADS:,} - 2) gives k = {listed}; so density, and with it the mean in-degree "
            f"centrality (Freeman), is at least {density:.3f}: above {edge}, so Figure 7 shows another measure "
            f"(a share of inflow has the mean 1/{NODES} = {1 / NODES:.4f})",
            f"(BIC - AIC)/(ln {_DYADS:,} - 2) 得k = "
            f"{listed}；故网络密度及入度中心性（Freeman）均值至少为{density:.3f}，高于{edge}，"
            f"图7应为其他指标（流入占比的均值为1/{NODES} = {1 / NODES:.4f}）",
        ),
    )


def printed_visits(printed: Printed) -> list[Figure] | None:
    """The two figures of visits in Figure 3."""
    return printed.all(_HIGH, _LOW)


def visits(printed: Printed) -> Texts:
    """F-B5: the two figures of Figure 3 add up to the official hospital total."""
    found = printed_visits(printed)
    if found is None:
        return None
    high, low = found
    total = f"{high.value + low.value:.3f}"
    return (
        both(
            f"{high} million patients in high-tier hospitals, {low} million in primary care",
            f"高等级医院{high}百万、基层{low}百万",
        ),
        both(
            f"together {total}: the official hospital visits of 2021, {OFFICIAL_HOSPITALS} x 10^8. So the unit is "
            f"10^8, and {low} are hospitals below the second level; primary care had {OFFICIAL_PRIMARY} x 10^8, "
            f"{OFFICIAL_SHARE} % of all visits",
            f"合计{total}，即2021年官方医院诊疗{OFFICIAL_HOSPITALS}亿人次；故单位为亿，{low}为二级以下医院；"
            f"基层实为{OFFICIAL_PRIMARY}亿人次，占{OFFICIAL_SHARE}%",
        ),
    )


def types_compared(printed: Printed) -> Texts:
    """F-B7: the types of facility whose occupancy is printed for the nation, and for Zhejiang."""
    nation = printed.all(*(("Figure 3", "2021", f"bed occupancy, {tier}") for tier in ("high-tier", "primary care")))
    kinds = ("provincial average", "community health service centres", "clinics")
    zhejiang = printed.all(*(("Figure 5", "Zhejiang 2021", f"bed occupancy, {kind}") for kind in kinds))
    if nation is None or zhejiang is None:
        return None
    high, low = nation
    mean, centres, clinics = zhejiang
    return (
        both(
            f"nation: high tier {high} %, primary care {low} %; Zhejiang: all {mean} %, community centres {centres} %, "
            f"clinics {clinics} %",
            f"全国：高等级{high}%、基层{low}%；浙江：平均{mean}%、社区中心{centres}%、诊所{clinics}%",
        ),
        both(
            f"{high.value - low.value:.1f} points and {mean.value - centres.value:.2f} points are gaps between "
            "different types, so they say nothing about H2b",
            f"{high.value - low.value:.1f}与{mean.value - centres.value:.2f}个百分点系不同类型之间的差距，无法检验H2b",
        ),
    )
