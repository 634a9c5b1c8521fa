"""All spellings of all places: key -> the units it can mean, and aliases that no rule yields. Deciding: match.py."""

from collections import defaultdict
from dataclasses import dataclass

from catalog.provinces import load_provinces
from ingestion.places.facts import facts_in_use, kept_by_facts
from ingestion.places.spelling import cut_names, latin_keys, short_names
from ingestion.places.units import Level, Unit, load_units
from ingestion.vocabulary.names import normalise

OFFICIAL, SHORT, WEAK = 1, 2, 3


@dataclass(frozen=True)
class Entry:
    """A unit (or province) one key can mean. `rank`: official names win over short ones."""

    code: int
    rank: int
    unit: Unit | None = None

    @property
    def level(self) -> Level:
        """The level of the unit; a province has no Unit."""
        return self.unit.level if self.unit else "province"


Index = dict[str, tuple[Entry, ...]]


def _collect(pairs: list[tuple[str, Entry]]) -> Index:
    found: dict[str, dict[tuple[int, Unit | None], Entry]] = defaultdict(dict)
    for key, entry in sorted(pairs, key=lambda pair: pair[1].rank):
        found[key].setdefault((entry.code, entry.unit), entry)
    return {key: tuple(entries.values()) for key, entries in found.items()}


@kept_by_facts
def chinese_index() -> Index:
    """Official and short names in Chinese."""
    pairs = [
        (normalise(name), Entry(province.province_code, rank))
        for province in load_provinces()
        for name, rank in ((province.name_zh, OFFICIAL), (province.short_zh, SHORT))
    ]
    for unit in load_units():
        pairs.append((normalise(unit.name), Entry(unit.code, OFFICIAL, unit)))
        # 河南蒙古族自治县 is called 河南, but nobody who writes 河南 means it.
        weak = WEAK if unit.level == "county" and "自治" in unit.name else SHORT
        pairs += [(normalise(name), Entry(unit.code, weak, unit)) for name in short_names(unit)]
    return _collect(pairs)


@kept_by_facts
def latin_index() -> Index:
    """English names and pinyin, letters only."""
    from pypinyin import lazy_pinyin  # its dictionaries take half a second

    pairs = [
        (normalise(name), Entry(province.province_code, SHORT))
        for province in load_provinces()
        for name in {province.name_en.lower(), "".join(lazy_pinyin(province.short_zh))}
    ]
    return _collect(pairs + [(key, Entry(unit.code, SHORT, unit)) for unit in load_units() for key in latin_keys(unit)])


@kept_by_facts
def cut_index() -> Index:
    """Names as a field of 20 bytes holds them."""
    return _collect(
        [(normalise(name), Entry(unit.code, OFFICIAL, unit)) for unit in load_units() for name in cut_names(unit)]
    )


@dataclass(frozen=True)
class Alias:
    """A name in use that no rule derives from an official one (catalog/divisions/alias.csv).

    reading: it holds only where a unit of this level is asked for; empty: always.
    """

    name: str
    code: int
    reading: str
    reason: str
    source: str


@kept_by_facts
def load_aliases() -> tuple[Alias, ...]:
    """All aliases in file order."""
    return tuple(
        Alias(row["name"], int(row["code"]), row["reading"], row["reason"], row["source"])
        for row in facts_in_use().rows("alias.csv")
    )


@kept_by_facts
def _by_key() -> dict[str, Alias]:
    return {normalise(alias.name): alias for alias in load_aliases()}


def find_alias(key: str, level: str | None) -> Alias | None:
    """The alias with this normalised name that holds where `level` is asked for."""
    alias = _by_key().get(key)
    return alias if alias is not None and alias.reading in ("", level) else None
