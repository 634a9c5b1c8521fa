"""Nodes beside the official list: which units of it are no nodes, which nodes are no units of it, and why.

Belongs here: the table node_list_gap and the sentence about it. Does not belong here: which places are nodes
(built.py), the record of divisions (catalog/divisions).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd

from catalog.base import Text, refuse
from catalog.parts.network import NetworkSpec
from models_py.panel import ENTITY

ABSENT, EXTRA = "absent", "extra"
# Why a unit is no node, in the order in which nodes are chosen.
NO_FLOW, LEFT_OUT, NO_FIGURES = "no_flow", "left_out", "no_figures"
# Why a node is no unit of the list.
NO_RECORD, OTHER_YEAR, OTHER_KIND = "not_in_record", "other_year", "other_kind"
# How many places a sentence names.
_NAMED = 8


class NetworkError(ValueError):
    """The flows do not make the network asked for; the message names it and what is missing."""


@dataclass(frozen=True)
class Gaps:
    """Units of the list at the end of `year`: `size` of them, those `absent` among the nodes, and nodes that are
    `extra`, by code with the reason.
    """

    year: int
    size: int
    absent: dict[int, str]
    extra: dict[int, str]

    def because(self, reason: str) -> int:
        """How many units of the list are no nodes for a reason."""
        return sum(found == reason for found in self.absent.values())

    def said(self, city: pd.DataFrame) -> Text:
        """Both kinds by name, the first of many."""
        absent, extra = _named(self.absent, city), _named(self.extra, city)
        return Text(
            en=f"Official list at the end of {self.year}: {self.size} units. Absent among the nodes: {absent.en}. "
            f"Nodes not in the list: {extra.en}.",
            zh=f"{self.year}年末官方区划名单共{self.size}个单位。缺于节点者：{absent.zh}；名单外节点：{extra.zh}。",
        )


def standing(city: pd.DataFrame, year: int) -> pd.Series:
    """Whether each unit had its code at the end of a year."""
    return (city["first_year"].fillna(0) <= year) & (city["last_year"].fillna(9999) >= year)


def gaps_of(
    name: str, spec: NetworkSpec, nodes: Collection[int], ends: Collection[int], city: pd.DataFrame
) -> Gaps | None:
    """Nodes beside the official list of their network; None without one. `ends`: places with flows.

    Raises NetworkError for a kind of unit or a province the record does not have in that year.
    """
    official, year = spec.official, spec.official_year
    if official is None or year is None:
        return None
    record = city.drop_duplicates(ENTITY).set_index(ENTITY)
    here = record if official.province is None else record[record["province_code"] == official.province]
    stood = here[standing(here, year)]
    known = sorted(set(stood["kind"].dropna()))
    told = (
        f"{name}: official list, no unit of the kind {{}} at the end of {year}; there were {', '.join(known) or 'none'}"
    )
    refuse(([kind for kind in official.kinds if kind not in known], told), error=NetworkError)
    listed = {int(code) for code in stood.index[stood["kind"].isin(official.kinds)]}
    given = {one.place for one in spec.left_out}
    absent = {
        code: LEFT_OUT if code in given else NO_FIGURES if code in ends else NO_FLOW
        for code in sorted(listed - set(nodes))
    }
    alive = set(record.index[standing(record, year)])
    extra = {
        code: OTHER_KIND if code in alive else OTHER_YEAR if code in record.index else NO_RECORD
        for code in sorted(set(nodes) - listed)
    }
    return Gaps(year, len(listed), absent, extra)


def called(codes: Iterable[int], city: pd.DataFrame) -> Text:
    """The first places by name, and how many more there are; the code of one the table of cities does not have."""
    ordered = sorted(map(int, codes))
    named = city.drop_duplicates(ENTITY).set_index(ENTITY)
    shown = ordered[:_NAMED]
    zh = [str(named["name_zh"].get(code, code)) for code in shown]
    en = [str(named["name_en"].get(code, code)) for code in shown]
    rest = len(ordered) - len(shown)
    return Text(
        en=", ".join(en) + (f" and {rest} more" if rest else ""),
        zh="、".join(zh) + (f"等{len(ordered)}个" if rest else ""),
    )


def _named(codes: Collection[int], city: pd.DataFrame) -> Text:
    """How many places, and the first of them by name."""
    count, names = len(codes), called(codes, city)
    return Text(en=f"{count} ({names.en})", zh=f"{count}个（{names.zh}）") if codes else Text(en="0", zh="0个")
