"""Province names as files print them, matched to codes. Unknown and ambiguous names are problems, never guesses."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from catalog import NATION_CODE, load_provinces
from catalog.characters import plain
from catalog.provinces import provinces_by_code
from ingestion.problems import Problem
from ingestion.vocabulary.values import read_code, read_full_code

_NATION = frozenset({"全国", "总计", "合计", "全国总计", "全国合计", "national", "total", "nationaltotal", "china"})
_NOT_PROVINCES = frozenset(
    {
        "东部", "中部", "西部", "东北", "东部地区", "中部地区", "西部地区", "东北地区", "不分地区",
        "兵团", "新疆生产建设兵团", "新疆兵团", "香港", "澳门", "台湾", "香港特别行政区", "澳门特别行政区", "台湾省",
        "eastern", "central", "western", "east", "west", "northeast",
    }
)  # fmt: skip
# Other names of a province in use. No suffix is tried on a name: 吉林市 is a city, and 新疆市 is nothing.
_ALIASES = {
    "内蒙": 150000,
    "广西自治区": 450000,
    "宁夏自治区": 640000,
    "新疆自治区": 650000,
    "innermongolia": 150000,
    "neimenggu": 150000,
    "xizang": 540000,
    "shaanxi": 610000,
}
# In pinyin 山西 and 陕西 are both "shanxi": no table can mean one of them for certain.
_AMBIGUOUS = {"shanxi": (140000, 610000)}


@dataclass(frozen=True)
class RegionName:
    """What a name in a region column stands for; `code` is None for a subtotal."""

    level: Literal["nation", "province", "city", "county", "subtotal"]
    code: int | None


def normalise(name: str) -> str:
    """Full-width to half-width, all blanks and unseen characters removed, Latin letters in lower case."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", plain(name))).lower()


@cache
def _index() -> dict[str, int]:
    named = {
        normalise(name): province.province_code
        for province in load_provinces()
        for name in (province.name_zh, province.short_zh, province.name_en)
    }
    # "Shanxi" as an English column would be 山西, but nothing tells English from pinyin: see _AMBIGUOUS.
    return {name: code for name, code in (_ALIASES | named).items() if name not in _AMBIGUOUS}


def describe(code: int) -> str:
    """ "山西省 Shanxi 140000" for messages."""
    province = provinces_by_code()[code]
    return f"{province.name_zh} {province.name_en} {code}"


@lru_cache(maxsize=10_000)
def region_or_problem(name: str) -> RegionName | Problem:
    """What `name` stands for: the nation, a province (name in either language, or code), or a subtotal.

    Otherwise the problem it is, without its place: ambiguous_province, or unknown_province with the nearest names.
    """
    key = normalise(name)
    if key in _NATION:
        return RegionName("nation", NATION_CODE)
    if key in _NOT_PROVINCES:
        return RegionName("subtotal", None)
    if key in _AMBIGUOUS:
        return Problem("ambiguous_province", name, "; ".join(describe(code) for code in _AMBIGUOUS[key]))
    if key in _index():
        return RegionName("province", _index()[key])
    code = read_code(name)
    if code in provinces_by_code():
        return RegionName("province", code)
    if read_full_code(name) == NATION_CODE:
        return RegionName("nation", NATION_CODE)
    # A name lost in a long text has no near ones, and looking for them would take seconds.
    near = difflib.get_close_matches(key, list(_index()), n=3, cutoff=0.5) if len(key) <= 40 else []
    return Problem("unknown_province", name, "; ".join(dict.fromkeys(describe(_index()[n]) for n in near)))


def province_code(name: str) -> int | None:
    """The code of the province a name stands for; None for any other name."""
    region = region_or_problem(name)
    return region.code if isinstance(region, RegionName) and region.level == "province" else None
