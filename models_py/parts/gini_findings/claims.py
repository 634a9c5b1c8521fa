"""The four statements of the Gini paper's abstract, looked for by direction in a study's own tables.

Belongs here: what is compared with what, and in which words. All of it is description: a coefficient that is lower
later, or lower online, is no effect of digital health. Does not belong here: computing the tables (parts inequality and
online_doctors), the table of findings (checks.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from catalog.base import Text
from models_py.figures.text import number
from models_py.parts.findings import Observation, observed
from models_py.parts.inequality.texts import PER, resource_name

_NO_DESCRIPTION = Text(
    en="A comparison of two years is a description, not an effect of digital health.",
    zh="前后比较仅为描述，不是数字健康的效应。",
)
_NO_DOCTORS = Observation(Text(en="No list of online doctors is in these data.", zh="本数据不含在线医生名单。"), None)
_PLATFORM = Text(
    en="Of the platforms listed here, and of where their doctors' hospitals are.",
    zh="仅就所列平台及其医生所在医院而言。",
)


@dataclass(frozen=True)
class Evidence:
    """Rows of `inequality` and of `online_inequality` (None where the study has no such part); `window`: years of the
    paper.
    """

    inequality: pd.DataFrame
    online: pd.DataFrame | None
    window: tuple[int, int]

    def number(self, measure: str, resource: str, scope: str) -> float | None:
        """A value of `online_inequality`; None if it is not there."""
        if self.online is None:
            return None
        key = {"measure": measure, "resource": resource, "scope": scope}
        rows = self.online[(self.online[list(key)] == list(key.values())).all(axis=1)]
        return None if rows.empty or pd.isna(rows["value"].iloc[0]) else float(rows["value"].iloc[0])


def falls(evidence: Evidence) -> Observation:
    """The Gini of every resource by population is lower in the last than in the first year of the window that is here.

    Not testable with fewer than two such years.
    """
    first, last = evidence.window
    rows = evidence.inequality[evidence.inequality["year"].between(first, last)].dropna(subset=["gini"])
    years = sorted(rows["year"].unique())
    if len(years) < 2:
        return Observation(Text(en="Fewer than two years of the window.", zh="窗口内不足两年。"), None)
    first, last = years[0], years[-1]
    texts, held = [], {}
    for basis, own in rows.groupby("basis", sort=False):
        wide = own.pivot(index="resource", columns="year", values="gini")[[first, last]].dropna()
        lower = wide[last] < wide[first]
        held[str(basis)] = bool(lower.all())
        rest = [resource_name(str(name)) for name in lower.index[~lower]]
        texts.append(_counted(PER[str(basis)], int(lower.sum()), rest, (int(first), int(last))))
    return observed([*texts, _NO_DESCRIPTION], held.get("population"))


def _counted(per: Text, lower: int, rest: list[Text], years: tuple[int, int]) -> Text:
    first, last = years
    but = f"; not lower: {', '.join(text.en for text in rest)}" if rest else ""
    but_zh = f"；未降低：{'、'.join(text.zh for text in rest)}" if rest else ""
    total = lower + len(rest)
    return Text(
        en=f"{per.en.capitalize()}, {first} to {last}: lower for {lower} of {total} resources{but}.",
        zh=f"{per.zh}，{first}年至{last}年：{total}种资源中{lower}种降低{but_zh}。",
    )


def remote(evidence: Evidence) -> Observation:
    """Online doctors are spread more evenly than offline physicians within the west. By sign of the difference."""
    gap = evidence.number("gini_gap", "online_all", "west")
    if gap is None:
        return _NO_DOCTORS
    text = Text(
        en=f"West, by population: Gini of offline physicians less that of online doctors {number(gap)}.",
        zh=f"西部按人口：线下医师与在线医生基尼系数之差{number(gap)}。",
    )
    return observed([text, _PLATFORM], gap > 0)


def accumulates(evidence: Evidence) -> Observation:
    """High-quality online doctors are spread less evenly over provinces than all online doctors."""
    return _higher(evidence, "gini", "provinces", Text(en="Gini over provinces", zh="省际基尼系数"))


def first_tier(evidence: Evidence) -> Observation:
    """First-tier cities hold more of the high-quality online doctors than of all of them."""
    return _higher(evidence, "first_tier_share", "cities", Text(en="Share of first-tier cities", zh="一线城市占比"))


def _higher(evidence: Evidence, measure: str, scope: str, what: Text) -> Observation:
    every, best = (evidence.number(measure, name, scope) for name in ("online_all", "online_high_quality"))
    if every is None or best is None:
        return _NO_DOCTORS
    text = Text(
        en=f"{what.en}: {best:.3f} of high-quality doctors, {every:.3f} of all.",
        zh=f"{what.zh}：高水平医生{best:.3f}，全部医生{every:.3f}。",
    )
    return observed([text, _PLATFORM], best > every)


# Each statement by the term under which published_figure has it.
CLAIMS: Mapping[str, Callable[[Evidence], Observation]] = {
    "digital health alleviates allocation inequality overall": falls,
    "improves accessibility in remote or rural areas": remote,
    "high-quality resources accumulate in developed regions": accumulates,
    "online high-quality resources concentrate in first-tier cities": first_tier,
}
