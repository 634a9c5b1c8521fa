"""What scripts of the replication bundle find again: the measures of each resource, basis and year, and of groups.

Belongs here: the data, the published numbers and the conventions. Does not belong here: the scripts (replication/),
what surrounds them (medpanel/replication).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from catalog import load_registry
from catalog.base import Text
from models_py.panel import ENTITY, full_grid
from models_py.parts.frame import Replication, Tables, Work, joined

if TYPE_CHECKING:
    from catalog.parts.inequality import Options
    from models_py.panel import Panel

KEYS = ["resource", "basis", "year", "group_name", "measure"]
# Measures are shares or logarithms of them, of order one.
TOLERANCE = 1e-9
_ALL = "all"
_HEADLINE = ("n", "gini", "theil", "theil_within", "theil_between")
# The Gini is in the table inequality.
_NOT_REPEATED = ("gini", "gini_change", "lorenz_crossings")
_GROUP = {"theil": "group_theil", "within": "group_within", "between": "group_between"}
_TITLE = Text(en="Measures of inequality", zh="不均等指标")
_LABELS = {
    "year": Text(en="Year", zh="年份"),
    "group_name": Text(en="Group of units; all: every unit", zh="单位分组；all为全部单位"),
    "resource": Text(en="Resource", zh="资源"),
    "basis": Text(en="Basis: what it is spread over", zh="基数"),
    "measure": Text(en="Measure", zh="指标"),
}
_NOTES = (
    Text(
        en="p and q are shares of basis and resource; a unit without one of them in a year is left out of that year.",
        zh="p、q 为基数与资源的份额；某年缺其一的单位不计入该年。",
    ),
    Text(
        en="Gini = 1 - sum (Q_i + Q_i-1)(P_i - P_i-1), units sorted by resource per basis, without n / (n - 1).",
        zh="基尼系数 = 1 - Σ(Q_i + Q_i-1)(P_i - P_i-1)，按单位基数的资源量升序累计，不作 n/(n-1) 校正。",
    ),
    Text(
        en="theil is L = sum p ln(p / q) in natural logarithms; theil_l, theil_t and those of groups are in the base "
        "that the study asks for.",
        zh="theil 为自然对数的 L；theil_l、theil_t 及各组数值用研究所设底数。",
    ),
    Text(
        en="L = within + between: sum of P_g L_g, and of P_g ln(P_g / Q_g), over groups g; T with Q_g and T_g.",
        zh="L = 组内 + 组间：组内为各组 P_g L_g 之和，组间为 P_g ln(P_g/Q_g) 之和；T 用 Q_g 与 T_g。",
    ),
    Text(
        en="Intervals, changes and crossings of curves are in the table inequality_measure; the scripts do not repeat "
        "them.",
        zh="区间、变化与曲线相交见结果表 inequality_measure，脚本不重现。",
    ),
)


def replicate(work: Work, made: Tables) -> Replication:
    """The published numbers that are defined, and the figures they were made from."""
    options = work.options
    units = _units(work.tables["figures"], options, work.panel)
    return Replication(
        title=_TITLE,
        panel=work.panel,
        frames={"units": units},
        labels=_LABELS | _labels(options, work.panel),
        lists={
            "resources": options.resources,
            "bases": tuple(options.basis),
            "aversions": tuple(int(one) if one == int(one) else one for one in options.atkinson),
            "form": (options.theil.form,),
            "log_base": (options.theil.log,),
        },
        expected=_expected(made),
        notes=_NOTES,
    )


def _units(figures: pd.DataFrame, options: Options, panel: Panel) -> pd.DataFrame:
    """One row for each entity and year: codes, group, ranks, bases under their own names, resources."""
    ranked = [options.ranked_by] if options.ranked_by else []
    cells = full_grid(figures, [*options.resources, *options.basis.values(), *ranked], panel)
    return pd.DataFrame(
        {
            panel.unit.code_column: cells[ENTITY].astype("int32"),
            "year": cells["year"].astype("int32"),
            "group_name": cells[ENTITY].map(_groups(options, panel)),
            "ranked_by": cells[ranked[0]] if ranked else float("nan"),
            **{name: cells[indicator] for name, indicator in options.basis.items()},
            **{name: cells[name] for name in options.resources},
        }
    )


def _groups(options: Options, panel: Panel) -> Mapping[int, str]:
    # As the measures have them; a script reads an empty text as absent.
    made = {
        "region": lambda entity: entity.region,
        "province": lambda entity: str(entity.code // 10_000 * 10_000),
        "none": lambda entity: _ALL,
    }[options.groups]
    return {entity.code: made(entity) for entity in panel.entities}


def _labels(options: Options, panel: Panel) -> dict[str, Text]:
    named = {**{name: name for name in options.resources}, **options.basis}
    if options.ranked_by:
        named["ranked_by"] = options.ranked_by
    labels = {name: _label(indicator) for name, indicator in named.items()}
    labels.setdefault("ranked_by", Text(en="Not asked for", zh="未设"))
    return labels | {panel.unit.code_column: Text(en=f"Code of the {panel.unit.one.en}", zh=f"{panel.unit.one.zh}代码")}


def _label(indicator: str) -> Text:
    entry = load_registry().indicators[indicator]
    return Text(en=f"{entry.label.en} [{entry.unit}]", zh=f"{entry.label.zh}（{entry.unit}）")


def _expected(made: Tables) -> pd.DataFrame:
    """The numbers of the published tables, one row each; those not defined are left out."""
    place, columns = KEYS[:3], [*KEYS, "value"]
    whole = made["inequality"].melt(place, list(_HEADLINE), "measure", "value")
    measures = made["inequality_measure"]
    others = measures[~measures["measure"].isin(_NOT_REPEATED)]
    groups = made["inequality_group"].rename(columns=_GROUP).replace({"group_name": {"": _ALL}})
    groups = groups.melt([*place, "group_name"], list(_GROUP.values()), "measure", "value")
    rows = [whole.assign(group_name=_ALL), others.assign(group_name=_ALL), groups]
    return joined([one[columns] for one in rows]).dropna(subset="value").assign(tolerance=TOLERANCE)
