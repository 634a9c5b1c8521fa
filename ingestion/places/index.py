"""All ways of writing all places: key -> the units it can mean. Deciding between them: match.py."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from catalog.provinces import load_provinces
from ingestion.places.spelling import cut_names, latin_keys, short_names
from ingestion.places.units import Unit, load_units
from ingestion.vocabulary.names import normalise

OFFICIAL, SHORT, WEAK = 1, 2, 3


@dataclass(frozen=True)
class Entry:
    """A unit (or province) one key can mean. `rank`: official names win over short ones."""

    code: int
    rank: int
    unit: Unit | None = None


Index = dict[str, tuple[Entry, ...]]


def _collect(pairs: list[tuple[str, Entry]]) -> Index:
    found: dict[str, dict[tuple[int, Unit | None], Entry]] = defaultdict(dict)
    for key, entry in sorted(pairs, key=lambda pair: pair[1].rank):
        found[key].setdefault((entry.code, entry.unit), entry)
    return {key: tuple(entries.values()) for key, entries in found.items()}


@cache
def chinese_index() -> Index:
    """Official and short names in Chinese."""
    pairs = []
    for province in load_provinces():
        pairs.append((normalise(province.name_zh), Entry(province.province_code, OFFICIAL)))
        pairs.append((normalise(province.short_zh), Entry(province.province_code, SHORT)))
    for unit in load_units():
        pairs.append((normalise(unit.name), Entry(unit.code, OFFICIAL, unit)))
        # 河南蒙古族自治县 is called 河南, but nobody who writes 河南 means it.
        weak = WEAK if unit.level == "county" and "自治" in unit.name else SHORT
        pairs += [(normalise(name), Entry(unit.code, weak, unit)) for name in short_names(unit)]
    return _collect(pairs)


@cache
def latin_index() -> Index:
    """English names and pinyin, letters only."""
    from pypinyin import lazy_pinyin  # its dictionaries take half a second

    pairs = []
    for province in load_provinces():
        for name in {province.name_en.lower(), "".join(lazy_pinyin(province.short_zh))}:
            pairs.append((normalise(name), Entry(province.province_code, SHORT)))
    for unit in load_units():
        pairs += [(key, Entry(unit.code, SHORT, unit)) for key in latin_keys(unit)]
    return _collect(pairs)


@cache
def cut_index() -> Index:
    """Names as a field of 20 bytes holds them."""
    return _collect(
        [(normalise(name), Entry(unit.code, OFFICIAL, unit)) for unit in load_units() for name in cut_names(unit)]
    )
