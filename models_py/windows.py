"""The years of a study: the last one for which every input is complete, and what newer years lack.

Belongs here: judging completeness, settling the last year of a study that ends at `latest`, the row of `study_window`
and its wording. Does not belong here: reading the warehouse (dagster_project/assets/windows.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog import Study, load_registry
from catalog.base import Text
from catalog.panels import LATEST
from catalog.parts import performance_index

if TYPE_CHECKING:
    import pandas as pd

# The published table of them.
WINDOW = "study_window"


class WindowError(ValueError):
    """No year of a study has every input complete; the message names what each input lacks."""


@dataclass(frozen=True)
class Input:
    """One input of a study by year. `have`: the places with a figure that was not filled in, by year.

    `whole`: every place of the panel must have it; otherwise each that had it the year before and still exists.
    `of_lists`: known from lists that reach into any year, so that a year having it is no sign of new data.
    """

    name: str
    have: Mapping[int, frozenset[int]]
    whole: bool = True
    of_lists: bool = False

    @property
    def label(self) -> Text:
        """The indicator's label, or what else the input is."""
        known = load_registry().indicators.get(self.name)
        return OTHERS[self.name] if known is None else known.label


# Inputs that are no indicator of the panel.
OTHERS = {
    "smart_exposure": Text(en="pilots and division counts", zh="试点名单与区划数"),
    "figures_long": Text(en="figures by type of facility", zh="分机构类型的数据"),
}


@dataclass(frozen=True)
class Needs:
    """Everything a study needs of a year. `places`: those of its panel by code, each with its name; `many`: what they
    are called; `ended`: the last year of those that no longer exist.
    """

    inputs: tuple[Input, ...]
    places: Mapping[int, str]
    many: Text
    ended: Mapping[int, int]

    @property
    def content(self) -> list[str]:
        """All of it in one order, for a fingerprint."""
        inputs = [
            f"{one.name} {one.whole} {one.of_lists} {[(year, sorted(one.have[year])) for year in sorted(one.have)]}"
            for one in self.inputs
        ]
        return [*inputs, f"{sorted(self.places.items())} {sorted(self.ended.items())} {self.many.text}"]

    def wanted(self, one: Input, year: int) -> frozenset[int]:
        """The places that must have an input in a year."""
        if one.whole:
            return frozenset(self.places)
        before = frozenset(code for code in one.have.get(year - 1, ()) if self.ended.get(code, year) >= year)
        # Where it begins, whoever has it is all there is; where nobody has it, everybody lacks it.
        return before or one.have.get(year, frozenset(self.places))

    def lacking(self, one: Input, year: int) -> frozenset[int]:
        """The places that should have an input in a year but do not."""
        return self.wanted(one, year) - one.have.get(year, frozenset())

    def complete(self, year: int) -> bool:
        """Whether no place lacks any input in a year."""
        return bool(self.inputs) and not any(self.lacking(one, year) for one in self.inputs)

    @property
    def years(self) -> list[int]:
        """The years some input has a figure for, lists aside."""
        return sorted({year for one in self.inputs if not one.of_lists for year, codes in one.have.items() if codes})

    def last_complete(self, first: int) -> int | None:
        """The last year, not before `first`, for which every input is complete; None if there is none."""
        return max((year for year in self.years if year >= first and self.complete(year)), default=None)


def reported(figures: "pd.DataFrame", filled: "pd.DataFrame", indicators: Sequence[str]) -> list[Input]:
    """The indicators as inputs. `figures`: entity_code, year, a column for each indicator; `filled`: entity_code, year,
    indicator of those figures that rest on an interpolated one.
    """
    gone = set(filled[["indicator", "entity_code", "year"]].itertuples(index=False, name=None))
    found = []
    for name in indicators:
        rows = figures[figures[name].notna()] if name in figures.columns else figures[:0]
        keys = ((int(code), int(year)) for code, year in zip(rows["entity_code"], rows["year"], strict=True))
        found.append(Input(name, by_year((code, year) for code, year in keys if (name, code, year) not in gone)))
    return found


def by_year(cells: Iterable[tuple[int, int]]) -> dict[int, frozenset[int]]:
    """The places of each year, from pairs of place and year."""
    found: dict[int, set[int]] = {}
    for code, year in cells:
        found.setdefault(int(year), set()).add(int(code))
    return {year: frozenset(codes) for year, codes in found.items()}


def settled(study: Study, needs: Needs) -> Study:
    """The study with its last year; itself where that is declared.

    Raises WindowError if no year is complete, CatalogError if what the study declares does not fit its years.
    """
    if not study.panel.open:
        return study
    first = study.panel.bounds[0]
    last = needs.last_complete(first)
    if last is None:
        lacks = "; ".join(_shortfall(one, needs, first) for one in needs.inputs)
        raise WindowError(
            f"{study.id}: years [{first}, latest]: no year from {first} on has every input complete: {lacks} "
            f"/ {first}年起没有任何一年的输入数据完整。"
            "Supply what is missing / 请补充缺失数据"
        )
    return study.until(last).fitting()


def _shortfall(one: Input, needs: Needs, first: int) -> str:
    """When an input is complete, or what it lacks in the year that comes closest."""
    from models_py.panel import first_few, indicator_label

    label, years = indicator_label(one.name), [year for year in needs.years if year >= first]
    if not years:
        return f"{label}: no figure from {first} on"
    whole = [year for year in years if not needs.lacking(one, year)]
    if whole:
        return f"{label}: complete in {in_list(whole)}"
    closest = min(years, key=lambda year: (len(needs.lacking(one, year)), -year))
    lacking = [needs.places.get(code, str(code)) for code in sorted(needs.lacking(one, closest))]
    return f"{label}: complete in no year; {closest} lacks {len(lacking)}: {first_few(lacking)}"


def in_list(years: Iterable[int]) -> str:
    """Years, successive ones as from-to: 2013-2020, 2022."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def window_row(declared: Study, study: Study, needs: Needs) -> dict[str, Any]:
    """The row of `study_window`. `declared`: the study as its file says; `study`: with its years settled."""
    first, last = study.years
    unused = [year for year in needs.years if year > last]
    waiting = _waiting(needs, last + 1) if unused else []
    baselines = [index.baseline_years for index in study.all(performance_index.Options) if index.baseline_years]
    return {
        "study": study.id,
        "first_year": first,
        "last_year": last,
        "declared_last": str(declared.panel.years[1]),
        "last_complete_year": needs.last_complete(first),
        "newest_year": max(needs.years, default=None),
        "unused_years": in_list(unused),
        "waiting_for": "; ".join(text.en for text in waiting),
        "waiting_for_zh": "；".join(text.zh for text in waiting),
        "provisional_years": in_list(study.provisional_years),
        "baseline_years": "; ".join(f"{start}-{end}" for start, end in dict.fromkeys(baselines)),
    }


def _waiting(needs: Needs, year: int) -> list[Text]:
    """The inputs a year lacks, those for the same number of places together."""
    together: dict[tuple[int, int], list[Input]] = {}
    for one in needs.inputs:
        if lacking := needs.lacking(one, year):
            together.setdefault((len(lacking), len(needs.wanted(one, year))), []).append(one)
    return [
        Text(
            en=f"{', '.join(one.name for one in inputs)}: {lacking} of {wanted} {needs.many.en}",
            zh=f"{'、'.join(one.label.zh for one in inputs)}：{wanted}个{needs.many.zh}中缺{lacking}个",
        )
        for (lacking, wanted), inputs in together.items()
    ]


def in_words(row: Mapping[Any, Any]) -> list[Text]:
    """What a reader of a study's results must know of its years: a paragraph each."""
    import pandas as pd

    first, last, complete = row["first_year"], row["last_year"], row["last_complete_year"]
    said = [Text(en=f"Years {first}-{last}.", zh=f"{first}—{last}年。")]
    if not pd.isna(complete):
        said.append(Text(en=f"Data complete up to {complete:.0f}.", zh=f"数据完整至{complete:.0f}年。"))
    if row["unused_years"]:
        said.append(unused(row))
    if row["provisional_years"]:
        years = row["provisional_years"]
        said.append(Text(en=f"Figures of {years} are provisional.", zh=f"{years}年数据可能修订。"))
    if row["baseline_years"]:
        years = row["baseline_years"]
        said.append(
            Text(
                en=f"The index is standardised with the means and standard deviations of {years}: a new year "
                "leaves past values as they are.",
                zh=f"指数按{years}年的均值与标准差标准化，新增年份不改变历年数值。",
            )
        )
    return said


def unused(row: Mapping[Any, Any]) -> Text:
    """The newer years that have some figures, and why the study does not use them."""
    why, after = [], int(row["last_year"]) + 1
    if row["declared_last"] != LATEST:
        why.append(Text(en=f"the study ends in {row['last_year']} as declared", zh=f"研究声明止于{row['last_year']}年"))
    if row["waiting_for"]:
        why.append(Text(en=f"{after} lacks {row['waiting_for']}", zh=f"{after}年缺{row['waiting_for_zh']}"))
    return Text(
        en=f"Figures of {row['unused_years']} are there but not used: {'; '.join(text.en for text in why)}.",
        zh=f"已有{row['unused_years']}年的数据但未采用：{'；'.join(text.zh for text in why)}。",
    )
