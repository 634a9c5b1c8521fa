"""The ways a unit's name is written: short forms, forms cut at 20 bytes, English. Which unit is meant: match.py."""

import re
from itertools import product
from typing import Any

from ingestion.places.facts import facts_in_use, kept_by_facts
from ingestion.places.units import Unit

# As names of divisions write them, with and without 族.
_NAMES_OF_PEOPLES = """
    壮族 满族 回族 苗族 维吾尔 维吾尔族 土家族 彝族 蒙古 蒙古族 藏族 布依族 侗族 瑶族 朝鲜族 白族 哈尼族 哈萨克 哈萨克族
    黎族 傣族 畲族 傈僳族 仡佬族 东乡族 拉祜族 水族 佤族 纳西族 羌族 土族 仫佬族 锡伯 锡伯族 柯尔克孜 柯尔克孜族
    达斡尔族 景颇族 毛南族 撒拉族 布朗族 塔吉克 塔吉克族 阿昌族 普米族 鄂温克族 怒族 京族 基诺族 德昂族 保安族
    俄罗斯族 裕固族 乌孜别克族 门巴族 鄂伦春族 独龙族 塔塔尔族 赫哲族 高山族 珞巴族 各族
"""
_PEOPLES = tuple(sorted(_NAMES_OF_PEOPLES.split(), key=len, reverse=True))
_SUFFIXES = ("自治州", "自治县", "自治旗", "地区", "市", "盟", "区", "县", "旗")
CUT_BYTES = 20


def _without_peoples(name: str) -> tuple[str, str]:
    """(name, peoples): 黔东南苗族侗族 -> 黔东南, 苗族侗族. A name that is nothing but a people stays whole."""
    rest, peoples = name, ""
    while found := next((people for people in _PEOPLES if rest.endswith(people) and rest != people), None):
        rest, peoples = rest.removesuffix(found), found + peoples
    return rest, peoples


def short_names(unit: Unit) -> tuple[str, ...]:
    """The name without its suffix, and for autonomous units without the peoples: 恩施, 恩施州.

    One character is no name: 沙县 has no short form.
    """
    suffix = next((suffix for suffix in _SUFFIXES if unit.name.endswith(suffix)), "")
    base = unit.name.removesuffix(suffix)
    if not suffix.startswith("自治"):
        return (base,) if suffix and len(base) > 1 else ()
    place, peoples = _without_peoples(base)
    found = [base]
    if peoples and len(place) > 1:
        found.append(place)
    if suffix == "自治州":
        found += [f"{place}州", f"{place}州{peoples}自治州"]
    elif len(place) > 1:
        found.append(place + suffix[-1])
    return tuple(dict.fromkeys(found))


def cut_names(unit: Unit) -> tuple[str, ...]:
    """Official and long forms as a field of 20 bytes holds them, in GBK and in UTF-8; only those that are cut."""
    names = (unit.name, *(short for short in short_names(unit) if short.endswith("自治州")))
    cut = (
        whole[:CUT_BYTES].decode(encoding, "ignore")
        for name, encoding in product(names, ("gbk", "utf-8"))
        if len(whole := name.encode(encoding)) > CUT_BYTES
    )
    return tuple(dict.fromkeys(cut))


# What these characters always read in names of divisions, whatever pypinyin makes of them alone.
_READINGS = {"都": "du", "什": "shi", "长": "chang", "朝": "chao"}


@kept_by_facts
def _english() -> dict[str, str]:
    return {row["name"]: row["name_en"] for row in facts_in_use().rows("name_en.csv")}


def _apart(text: str) -> Any:
    # What is no Chinese character stays one syllable each, so that syllables and characters go together.
    return list(text)


def _syllables(text: str, umlaut: str = "u") -> list[str]:
    from pypinyin import lazy_pinyin  # its dictionaries take half a second

    read = [syllable.replace("ü", umlaut) for syllable in lazy_pinyin(text, v_to_u=True, errors=_apart)]
    return [_READINGS.get(character, syllable) for character, syllable in zip(text, read, strict=True)]


def _pinyin(text: str) -> str:
    if text in _english():
        return _english()[text]
    first, *rest = _syllables(text)
    # An apostrophe where two syllables would read as others: Xi'an, Lu'an.
    return (first + "".join(("'" if syllable[0] in "aeo" else "") + syllable for syllable in rest)).capitalize()


@kept_by_facts
def english_name(unit: Unit) -> str:
    """The name in Latin letters without its suffix: the established spelling where there is one, else pinyin."""
    if unit.name in _english():
        return _english()[unit.name]
    shorts = short_names(unit)
    base = shorts[0] if shorts else unit.name
    return _pinyin(_without_peoples(base)[0] if "自治" in unit.name else base)


@kept_by_facts
def latin_keys(unit: Unit) -> tuple[str, ...]:
    """English name and pinyin as keys, letters only: hohhot, huhehaote, huhehaoteshi, hohhotcity."""
    words = {english_name(unit), *(_pinyin(short) for short in short_names(unit))}
    spelt = [name for name in (unit.name, *short_names(unit)) if name not in _english()]
    words |= {"".join(_syllables(name, umlaut)) for name in spelt for umlaut in "uv"}
    ending = {"市": "city", "县": "county", "区": "district"}.get(unit.name[-1])
    if ending and not unit.name.endswith("地区"):
        words.add(english_name(unit) + ending)
    return tuple(sorted({re.sub(r"[^a-z]", "", word.lower()) for word in words}))
