"""What matters of the difference between two publications, in sentences: losses, figures, years, indices, headlines.

Belongs here: what is counted and how it is said. Does not belong here: the page (page.py) and the screen
(medpanel/commands/changes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, Identity
from catalog.indicators import load_registry
from medpanel.changes.both import Both
from medpanel.changes.causes import first_few, named
from medpanel.changes.comparing import TableChange
from medpanel.changes.headlines import Headline, headlines
from medpanel.changes.reasons import Ingredients, of_results

# Significance at 5 %.
LEVEL = 0.05
# A change below so many per cent is shown by its first digit.
SMALL = 0.05
# Revised figures kept by name.
LARGEST = 50
_FIGURES = (
    "FROM (FROM earlier.observation WHERE chosen) e {join} JOIN (FROM later.observation WHERE chosen) l "
    "USING (entity_level, entity_code, year, indicator)"
)
_WORDS = {
    "data": Text(en="other input files", zh="输入文件不同"),
    "edition": Text(en="another edition of some series", zh="部分序列改用其他版本"),
    "year": Text(en="new years", zh="新增年份"),
    "option": Text(en="another configuration", zh="配置不同"),
    "code": Text(en="another state of the program", zh="程序不同"),
}


@dataclass(frozen=True)
class Revision:
    """A figure with another value."""

    place: Text
    year: int
    indicator: str
    before: float | None
    after: float | None
    reason: str

    @property
    def relative(self) -> str:
        """The relative change, '' without two values to compare."""
        if not self.before or self.after is None:
            return ""
        percent = 100 * (self.after / self.before - 1)
        return f"{percent:+.1f}%" if abs(percent) >= SMALL else f"{percent:+.1g}%"

    @property
    def what(self) -> Text:
        """The indicator with its unit."""
        known = load_registry().indicators.get(self.indicator)
        if known is None:
            return Text(en=self.indicator, zh=self.indicator)
        return Text(en=f"{self.indicator} ({known.unit})", zh=f"{known.label.zh}（{known.unit}）")

    @property
    def said(self) -> Text:
        """Place, year, indicator, both values and the relative change."""
        relative = f", {self.relative}" if self.relative else ""
        said = f"{shown(self.before)} -> {shown(self.after)}{relative}"
        return Text(
            en=f"{self.place.en} {self.year} {self.what.en}, {said}",
            zh=f"{self.place.zh} {self.year} {self.what.zh}, {said}",
        )


@dataclass(frozen=True)
class Turned:
    """An estimate whose sign or whose significance at 5 % is not what it was."""

    place: str
    before: tuple[float, float | None]
    after: tuple[float, float | None]
    sign: bool
    significance: bool


@dataclass(frozen=True)
class Summary:
    """The difference of two publications. `revised`: figures with another value, `largest` the first of them by
    relative change; `new`: figures that were not there; `reason`: what may be behind results that differ.
    """

    earlier: str
    later: str
    reason: str
    tables: tuple[TableChange, ...]
    headlines: tuple[Headline, ...]
    turned: tuple[Turned, ...]
    failing: tuple[str, ...]
    revised: int = 0
    new: int = 0
    largest: tuple[Revision, ...] = ()
    years: tuple[Text, ...] = ()
    indices: tuple[Text, ...] = ()
    pilots: tuple[Text, ...] = ()

    @property
    def moved(self) -> tuple[Headline, ...]:
        """Headlines that say something else now."""
        return tuple(one for one in self.headlines if one.moved)

    @property
    def line(self) -> Text:
        """The whole in one sentence."""
        if not self.tables:
            return Text(en="nothing", zh="无变化")
        return Text(
            en=f"{self.revised} figures revised, {self.new} new, {len(self.moved)} headlines moved",
            zh=f"修订数值{self.revised}个，新增{self.new}个，主要结果变动{len(self.moved)}项",
        )

    def sentences(self) -> Iterator[Text]:
        """What matters, a sentence each; the most important first."""
        if not self.tables:
            yield Text(en="Nothing differs between the two publications.", zh="两次发布内容完全相同。")
            return
        for one in self.moved:
            yield Text(
                en=f"Headline before: {one.before or 'none'}; now: {one.after or 'none'}",
                zh=f"主要结果，此前：{one.before or '无'}；现在：{one.after or '无'}",
            )
        most = _NOTHING
        if self.largest:
            said = self.largest[0].said
            most = Text(en=f"; the largest by relative change: {said.en}", zh=f"；相对变化最大者：{said.zh}")
        yield Text(en=f"Figures revised: {self.revised}{most.en}.", zh=f"修订的数值：{self.revised}个{most.zh}。")
        yield Text(en=f"New figures: {self.new}.", zh=f"新增的数值：{self.new}个。")
        for texts, head in (
            (self.years, Text(en="New years", zh="新增年份")),
            (self.indices, Text(en="Indices moved", zh="指数变动")),
            (self.pilots, Text(en="Pilots", zh="试点名单")),
        ):
            if texts:
                yield Text(
                    en=f"{head.en}: {'; '.join(text.en for text in texts)}.",
                    zh=f"{head.zh}：{'；'.join(text.zh for text in texts)}。",
                )
        yield self._turned()
        if self.failing:
            yield Text(
                en=f"Checks that passed before and fail now: {first_few(self.failing, 'en')}.",
                zh=f"此前通过、现未通过的检查：{first_few(self.failing, 'zh')}。",
            )
        yield self._why()

    def _turned(self) -> Text:
        signs, significance = (sum(getattr(one, what) for one in self.turned) for what in ("sign", "significance"))
        places = [one.place for one in self.turned]
        first = Text(en=f": {first_few(places, 'en')}", zh=f"：{first_few(places, 'zh')}") if places else _NOTHING
        return Text(
            en=f"Estimates that turned their sign: {signs}, their significance at 5 %: {significance}{first.en}.",
            zh=f"符号改变的估计：{signs}个，5%水平显著性改变的：{significance}个{first.zh}。",
        )

    def _why(self) -> Text:
        words = [_WORDS[one] for one in self.reason.split("+")]
        return Text(
            en=f"Why results may differ: {', '.join(word.en for word in words)} ({self.reason}).",
            zh=f"结果变化的可能原因：{'、'.join(word.zh for word in words)}（{self.reason}）。",
        )


_NOTHING = Text(en="", zh="")


def summarise(
    both: Both,
    changes: Sequence[TableChange],
    studies: Iterable[Study],
    made_from: tuple[Ingredients, Ingredients],
    names: tuple[str, str],
) -> Summary:
    """The summary of what `compare` found: of two publications, what they are made from and what they are called."""
    if not changes:
        return Summary(*names, "", (), (), (), ())
    figures = _figures(both)
    return Summary(
        *names,
        of_results(changes, *made_from),
        tuple(changes),
        tuple(headlines(both, studies)),
        tuple(_turned(both)),
        tuple(_failing(both)),
        **figures,
        indices=tuple(_indices(both)),
        pilots=tuple(_pilots(both)),
    )


def _figures(both: Both) -> dict[str, Any]:
    """Numbers of revised and new figures, the largest revision, and new years."""
    if not both.have("observation", "chosen", "value", "vintage"):
        return {}
    revised = both.rows(
        "SELECT entity_level, entity_code, year, indicator, e.value, l.value, "
        "CASE WHEN e.vintage IS DISTINCT FROM l.vintage THEN 'edition' ELSE 'data' END, count(*) OVER () "
        f"{_FIGURES.format(join='')} WHERE e.value IS DISTINCT FROM l.value "
        f"ORDER BY abs(l.value / nullif(e.value, 0) - 1) DESC NULLS LAST, 1, 2, 3, 4 LIMIT {LARGEST}"
    )
    [(new,)] = both.rows(f"SELECT count(*) {_FIGURES.format(join='RIGHT')} WHERE e.chosen IS NULL")
    years = both.rows(
        "SELECT year, list(DISTINCT indicator ORDER BY indicator), count(*) FROM later.observation WHERE chosen AND "
        "(entity_level, indicator, year) NOT IN (SELECT entity_level, indicator, year FROM earlier.observation "
        "WHERE chosen) GROUP BY year ORDER BY year"
    )
    return {
        "revised": int(revised[0][-1]) if revised else 0,
        "largest": tuple(Revision(both.place(str(level), int(code)), *rest) for level, code, *rest, _ in revised),
        "new": int(new),
        "years": tuple(_new_year(int(year), indicators, int(count)) for year, indicators, count in years),
    }


def shown(value: float | None) -> str:
    """A value with seven digits."""
    return "-" if value is None else f"{value:.7g}"


def _new_year(year: int, indicators: list[str], figures: int) -> Text:
    what = named(indicators)
    return Text(en=f"{year}: {figures} figures of {what.en}", zh=f"{year}年：{what.zh}，共{figures}个数值")


def _turned(both: Both) -> Iterator[Turned]:
    """Estimates of both publications whose sign or significance differs, in the order of their identity."""
    key = (*COLUMNS, "term", "effect", "method")
    if not both.have("estimate", *key, "estimate", "p_value"):
        return
    rows = both.rows(
        f"SELECT {', '.join(key)}, e.estimate, e.p_value, l.estimate, l.p_value FROM earlier.estimate e "
        f"JOIN later.estimate l USING ({', '.join(key)}) WHERE sign(e.estimate) <> sign(l.estimate) "
        f"OR (e.p_value < {LEVEL}) <> (l.p_value < {LEVEL}) ORDER BY ALL"
    )
    for row in rows:
        identity, (term, effect, method), (one, p_one, other, p_other) = row[:9], row[9:12], row[12:]
        place = f"{Identity(*identity).place}: {term} {'' if effect == 'coef' else f'{effect} '}({method})"
        significance = None not in (p_one, p_other) and (p_one < LEVEL) != (p_other < LEVEL)
        yield Turned(place, (one, p_one), (other, p_other), one * other < 0 or (one == 0) != (other == 0), significance)


def _failing(both: Both) -> list[str]:
    """Checks that do not pass now and did before, or were not there."""
    if not both.have("check_result", "check_name", "table_name", "passed"):
        return []
    rows = both.rows(
        "SELECT table_name || '.' || check_name FROM later.check_result l WHERE passed IS DISTINCT FROM true AND NOT "
        "EXISTS (SELECT 1 FROM earlier.check_result e WHERE e.check_name = l.check_name "
        "AND e.table_name = l.table_name AND e.passed IS DISTINCT FROM true) ORDER BY 1"
    )
    return [str(name) for (name,) in rows]


def _indices(both: Both) -> Iterator[Text]:
    """How far each study's own index moved."""
    key = ("study", "entity_code", "year", "reading", "variant")
    if not both.have("performance_index", *key, "mspi"):
        return
    rows = both.rows(
        f"SELECT study, reading, count(*), count(*) FILTER (e.mspi IS DISTINCT FROM l.mspi), "
        "arg_max(entity_code || ' ' || year, abs(l.mspi - e.mspi)), max(abs(l.mspi - e.mspi)) "
        f"FROM earlier.performance_index e JOIN later.performance_index l USING ({', '.join(key)}) WHERE variant = '' "
        "GROUP BY study, reading HAVING count(*) FILTER (e.mspi IS DISTINCT FROM l.mspi) > 0 ORDER BY study, reading"
    )
    for study, reading, values, moved, place, most in rows:
        largest = "" if most is None else f", {place} {most:.3g}"
        yield Text(
            en=f"{study} index ({reading}) {moved} of {values}{f', the most{largest[1:]}' if largest else ''}",
            zh=f"{study} 指数（{reading}）{values}个中的{moved}个{f'，最大{largest[1:]}' if largest else ''}",
        )


def _pilots(both: Both) -> Iterator[Text]:
    """Places listed now, no longer listed, and listed with another date or status."""
    key, facts = ("programme", "batch", "unit_code"), ("label_year", "announced_on", "status")
    if not both.have("pilot", *key, *facts, "unit_name"):
        return
    rows = both.rows(
        "SELECT e.programme IS NULL, l.programme IS NULL, coalesce(l.unit_name, e.unit_name) FROM earlier.pilot e "
        f"FULL JOIN later.pilot l USING ({', '.join(key)}) WHERE ({', '.join(f'e.{fact}' for fact in facts)}) "
        f"IS DISTINCT FROM ({', '.join(f'l.{fact}' for fact in facts)}) ORDER BY {', '.join(key)}"
    )
    for kind, said in (
        ((True, False), Text(en="new", zh="新增")),
        ((False, True), Text(en="no longer listed", zh="不再列出")),
        ((False, False), Text(en="another date or status", zh="日期或状态更改")),
    ):
        if names := [str(name) for *is_null, name in rows if tuple(is_null) == kind]:
            yield Text(
                en=f"{len(names)} {said.en} ({first_few(names, 'en')})",
                zh=f"{said.zh}{len(names)}处（{first_few(names, 'zh')}）",
            )
