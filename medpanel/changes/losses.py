"""What the earlier publication has and the later one has not, by cause: files, figures, pilots, editions, observations.

Belongs here: what counts as a loss. Does not belong here: what follows from one (medpanel/publishing/gate.py), and
figures that only changed (comparing.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.tables import load_tables
from medpanel.changes.both import EARLIER, LATER, NOW, Both
from medpanel.changes.causes import FIGURE, FileFate, causes_of, first_few, named, of_files, spans
from medpanel.changes.headlines import sample_sizes
from medpanel.runs.warehouse import quote

if TYPE_CHECKING:
    import pandas as pd

# Why a figure counts as lost: it is not there, it is filled in, its series fell back to another edition.
_GONE, _FILLED, _EDITION = "gone", "filled", "edition"


@dataclass(frozen=True)
class Loss:
    """A cause and all it takes away, largest first."""

    cause: Text
    taken: tuple[Text, ...]


@dataclass(frozen=True)
class Losses:
    """Everything lost. `consequences`: what was computed from it and lost observations, or is not published."""

    losses: tuple[Loss, ...] = ()
    consequences: tuple[Text, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.losses or self.consequences)


def losses(both: Both, studies: Iterable[Study]) -> Losses:
    """What was lost between two publications; `studies` are those of the later one."""
    files = of_files(both)
    found: dict[Text, list[Text]] = {}
    for cause, taken in (*_figures(both), *_kept_back(both), *_pilots(both, files)):
        found.setdefault(cause, []).append(taken)
    for fate in files.values():
        # A file that took nothing else with it is a loss of its own, unless later downloads have all it had.
        if not fate.there and fate.text not in found and not _superseded(both, fate.path):
            found[fate.text] = [_rows_of(both, fate.path)]
    return Losses(
        tuple(Loss(cause, tuple(taken)) for cause, taken in found.items()),
        (*_observations(both, studies), *_studies(both)),
    )


def _figures(both: Both) -> list[tuple[Text, Text]]:
    lost = _lost_figures(both)
    left = _left(both)
    why = {tuple(row[:-1]): str(row[-1]) for row in lost.itertuples(index=False)}
    return [
        (cause.text, text)
        for cause in causes_of(both, lost)
        for kind in (_GONE, _FILLED, _EDITION)
        if (figures := [figure for figure in cause.figures if why[figure] == kind])
        for text in [_of_kind(both, kind, figures, left)]
    ]


def _kept_back(both: Both) -> list[tuple[Text, Text]]:
    """Figures whose newer download is refused, so that what it was to replace would stay; each said only once."""
    needed = {NOW: ("refused_cell", "rejected_row", "source_file"), LATER: ("observation", "source_file")}
    if not all(both.have(table, "file_id", sides=(side,)) for side, tables in needed.items() for table in tables):
        return []
    if not both.have("source_file", "download", "vintage", sides=(NOW, LATER)):
        return []
    known = both.relation(EARLIER, "rejected_row", "file_id", "sheet", "cell", "reason")
    refused = both.frame(
        f"SELECT DISTINCT {', '.join(f'r.{name}' for name in map(quote, FIGURE))} FROM {NOW}.refused_cell r "
        f"JOIN {NOW}.rejected_row x USING (file_id, sheet, cell) JOIN {NOW}.source_file f USING (file_id) "
        f"JOIN {LATER}.observation o USING ({', '.join(map(quote, FIGURE))}) "
        f"JOIN {LATER}.source_file g ON o.file_id = g.file_id WHERE o.chosen AND o.vintage = f.vintage "
        "AND f.download > g.download AND (x.file_id, x.sheet, x.cell, x.reason) NOT IN "
        f"(SELECT (file_id, sheet, cell, reason) FROM {known} WHERE reason IS NOT NULL) ORDER BY ALL"
    )
    return [(cause.text, _staying(both, cause.figures)) for cause in causes_of(both, refused)]


def _staying(both: Both, figures: Sequence[tuple[str, int, int, str]]) -> Text:
    what, years = named(figure[3] for figure in figures), spans(figure[2] for figure in figures)
    number, first = len(figures), _place(both, figures[0])
    return Text(
        en=f"{_count(number, 'newer figure')} of {what.en} {years} not taken, the older would stay; first: {first.en}",
        zh=f"{what.zh} {years} 的{number}个较新数值未采用，将沿用旧值；首个：{first.zh}",
    )


def _lost_figures(both: Both) -> pd.DataFrame:
    """FIGURE and `why` of every figure lost; none where one side has no figures."""
    import pandas as pd

    nothing = pd.DataFrame(columns=[*FIGURE, "why"])
    if not both.have("observation", "chosen", "status", "vintage"):
        return nothing if not both.have("observation", "chosen", sides=(EARLIER,)) else _all_figures(both)
    keys, using = ", ".join(f"e.{name}" for name in map(quote, FIGURE)), ", ".join(map(quote, FIGURE))
    fell_back = "SELECT NULL, NULL, NULL WHERE false"
    if both.have("series_vintage", "indicator", "entity_level", "vintage", "role"):
        fell_back = (
            f"SELECT e.indicator, e.entity_level, e.vintage FROM {EARLIER}.series_vintage e "
            f"JOIN {LATER}.series_vintage l USING (indicator, entity_level) WHERE e.role = 'kept' AND l.role = 'kept' "
            "AND (e.indicator, e.entity_level, e.vintage) NOT IN "
            f"(SELECT indicator, entity_level, vintage FROM {LATER}.series_vintage) "
            f"AND (e.indicator, e.entity_level, e.vintage) NOT IN {_declared(both)}"
        )
    return both.frame(
        f"SELECT {keys}, CASE WHEN l.status IS NULL THEN '{_GONE}' "
        "WHEN e.status IN ('reported', 'corrected') AND l.status NOT IN ('reported', 'corrected') "
        f"THEN '{_FILLED}' ELSE '{_EDITION}' END AS why "
        f"FROM (FROM {EARLIER}.observation WHERE chosen) e "
        f"LEFT JOIN (FROM {LATER}.observation WHERE chosen) l USING ({using}) "
        "WHERE l.status IS NULL OR (e.status IN ('reported', 'corrected') AND l.status NOT IN "
        "('reported', 'corrected')) OR (l.vintage <> e.vintage "
        f"AND (e.indicator, e.entity_level, e.vintage) IN ({fell_back})) ORDER BY ALL"
    )


def _declared(both: Both) -> str:
    """Series (indicator, level, vintage) that are declared to fall back if their figures are refused; as SQL."""
    offers = both.relation(NOW, "refused_offer", "indicator", "entity_level", "vintage", "fallback")
    return f"(SELECT (indicator, entity_level, vintage) FROM {offers} WHERE fallback = 'allow')"


def _all_figures(both: Both) -> pd.DataFrame:
    keys = ", ".join(map(quote, FIGURE))
    return both.frame(f"SELECT {keys}, '{_GONE}' AS why FROM {EARLIER}.observation WHERE chosen ORDER BY ALL")


def _left(both: Both) -> set[tuple[str, str, int]]:
    """Level, indicator and year of which some figure is left; years of a level and indicator, 0 for any year."""
    if not both.have("observation", "chosen", sides=(LATER,)):
        return set()
    found = both.rows(f"SELECT DISTINCT entity_level, indicator, year FROM {LATER}.observation WHERE chosen")
    years = {(str(level), str(indicator), int(year)) for level, indicator, year in found}
    return years | {(level, indicator, 0) for level, indicator, _ in years}


def _of_kind(
    both: Both, kind: str, figures: Sequence[tuple[str, int, int, str]], left: set[tuple[str, str, int]]
) -> Text:
    """One kind of loss of one cause: how many figures, what is gone altogether, and the first with its cell."""
    what, years = named(figure[3] for figure in figures), spans(figure[2] for figure in figures)
    number, first = len(figures), _place(both, figures[0])
    if kind == _FILLED:
        said = Text(
            en=f"{_count(number, 'reported figure')} of {what.en} {years} would be filled in",
            zh=f"{what.zh} {years} 的{number}个报告值将由填补值代替",
        )
    elif kind == _EDITION:
        said = Text(
            en=f"{_count(number, 'figure')} of {what.en} {years} would come from another edition",
            zh=f"{what.zh} {years} 的{number}个数值将改用其他版本",
        )
    else:
        said = Text(
            en=f"{_count(number, 'figure')} gone: {what.en} {years}", zh=f"{what.zh} {years} 缺失{number}个数值"
        )
    none = _altogether(figures, left) if kind == _GONE else Text(en="", zh="")
    return Text(en=f"{said.en}{none.en}; first: {first.en}", zh=f"{said.zh}{none.zh}；首个：{first.zh}")


def _altogether(figures: Sequence[tuple[str, int, int, str]], left: set[tuple[str, str, int]]) -> Text:
    """Indicators and years of which nothing is left."""
    of = sorted({(level, indicator) for level, _, _, indicator in figures})
    whole = [f"{indicator} ({level})" for level, indicator in of if (level, indicator, 0) not in left]
    for level, indicator in of:
        years = {year for at, _, year, of_what in figures if (at, of_what) == (level, indicator)}
        empty = {year for year in years if (level, indicator, year) not in left}
        if empty and (level, indicator, 0) in left:
            whole.append(f"{indicator} {spans(empty)} ({level})")
    if not whole:
        return Text(en="", zh="")
    return Text(en=f"; nothing is left of {first_few(whole, 'en')}", zh=f"；已全无数值：{first_few(whole, 'zh')}")


def _place(both: Both, figure: tuple[str, int, int, str]) -> Text:
    """Place and year of a figure, and the file and cell of the earlier publication it stood in."""
    where = " AND ".join(f"o.{name} = ?" for name in FIGURE)
    found = both.rows(
        f"SELECT o.value, f.path, o.sheet, o.cell FROM {EARLIER}.observation o LEFT JOIN {EARLIER}.source_file f "
        f"ON o.file_id = f.file_id WHERE o.chosen AND {where}",
        list(figure),
    ) if both.have("source_file", "path", sides=(EARLIER,)) else []  # fmt: skip
    level, code, year, indicator = figure
    name = both.place(level, code)
    said = f"{year} {indicator}"
    if found and found[0][0] is not None:
        value, path, sheet, cell = found[0]
        said += f" = {value:g} ({' '.join(str(one) for one in (path, sheet, cell) if one)})"
    return Text(en=f"{name.en} {said}", zh=f"{name.zh} {said}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _pilots(both: Both, files: dict[str, FileFate]) -> list[tuple[Text, Text]]:
    """Places of pilot lists that are not listed any more, unless a later list of the line removed them."""
    if not both.have("pilot", "programme", "batch", "unit_code", "unit_name", "file_id", "row"):
        return []
    removed = ""
    if both.have("revision", "indicator", "entity_code", "value_now", sides=(LATER,)):
        removed = (
            f" AND NOT EXISTS (SELECT 1 FROM {LATER}.revision r WHERE r.indicator = 'pilot_' || e.programme "
            "AND r.entity_code = e.unit_code AND r.value_now = 0)"
        )
    now = NOW if both.have("rejected_row", "row", sides=(NOW,)) else LATER
    refusals = both.relation(now, "rejected_row", "file_id", "row", "reason", "reason_zh")
    listed = both.relation(EARLIER, "source_file", "file_id", "path")
    gone = both.rows(
        f"SELECT e.programme, e.unit_name, f.path, e.row, min(x.reason), min(x.reason_zh) FROM {EARLIER}.pilot e "
        f"LEFT JOIN {listed} f ON e.file_id = f.file_id "
        f"LEFT JOIN {refusals} x ON x.file_id = e.file_id AND x.row = e.row AND x.row > 0 "
        f"WHERE NOT EXISTS (SELECT 1 FROM {LATER}.pilot l WHERE l.programme = e.programme AND l.batch = e.batch "
        f"AND l.unit_code = e.unit_code){removed} GROUP BY ALL ORDER BY ALL"
    )
    groups: dict[Text, list[tuple[str, str, str]]] = {}
    for programme, name, path, row, reason, reason_zh in gone:
        fate = files.get(str(path))
        if fate is not None and not fate.there:
            cause = fate.text
        elif reason is not None:
            cause = Text(en=str(reason).split("\n")[0], zh=str(reason_zh).split("\n")[0])
        else:
            cause = Text(en=f"{path} does not list them any more", zh=f"{path} 已不再列出")
        groups.setdefault(cause, []).append((str(programme), str(name), f"{path} row {row}"))
    return [
        (
            cause,
            Text(
                en=f"{_count(len(rows), 'pilot place')} gone: {first_few([r[1] for r in rows], 'en')}; "
                f"first: {rows[0][0]}, {rows[0][2]}",
                zh=f"试点名单缺少{len(rows)}处：{first_few([r[1] for r in rows], 'zh')}；"
                f"首个：{rows[0][0]}，{rows[0][2]}",
            ),
        )
        for cause, rows in groups.items()
    ]


def _superseded(both: Both, path: str) -> bool:
    """Whether every figure a file gave the earlier publication now comes from another file: one of the same edition,
    or any where the series is declared to fall back.
    """
    if not both.have("observation", "chosen", "vintage"):
        return False
    using = ", ".join(map(quote, FIGURE))
    [(given, still)] = both.rows(
        "SELECT count(*), count(*) FILTER (l.vintage = e.vintage OR "
        f"(l.vintage IS NOT NULL AND (e.indicator, e.entity_level, e.vintage) IN {_declared(both)})) "
        f"FROM {EARLIER}.observation e LEFT JOIN (SELECT DISTINCT ON ({using}) {using}, vintage "
        f"FROM {LATER}.observation WHERE chosen) l USING ({using}) "
        f"WHERE e.chosen AND e.file_id IN (SELECT file_id FROM {EARLIER}.source_file WHERE path = ?)",
        [path],
    )
    return bool(given and given == still)


def _rows_of(both: Both, path: str) -> Text:
    [(rows,)] = both.rows(f"SELECT rows_loaded FROM {EARLIER}.source_file WHERE path = ?", [path])
    return Text(en=f"{_count(int(rows or 0), 'row')} it had given gone", zh=f"缺失其曾载入的{int(rows or 0)}行")


def _observations(both: Both, studies: Iterable[Study]) -> list[Text]:
    """Headlines that rest on fewer observations, or are not there any more."""
    fewer = [
        one
        for one in sample_sizes(both, studies)
        if one.before is not None and (one.after is None or one.after < one.before)
    ]
    return [
        Text(
            en=f"{one.identity.place}: n {one.before} -> {'none' if one.after is None else one.after}",
            zh=f"{one.identity.place}：样本量 {one.before} -> {'无' if one.after is None else one.after}",
        )
        for one in fewer
    ]


def _studies(both: Both) -> list[Text]:
    """Studies that had results and have none."""
    gone = sorted(published_studies(both, EARLIER) - published_studies(both, LATER))
    return [Text(en=f"the study {study} is not published any more", zh=f"研究 {study} 不再发布") for study in gone]


def published_studies(both: Both, *sides: str) -> set[str]:
    """Studies with results on these sides, by default on either."""
    return {
        str(study)
        for table in load_tables().values()
        for side in sides or (EARLIER, LATER)
        if table.origin == "study" and both.have(table.name, "study", sides=(side,))
        for (study,) in both.rows(f"SELECT DISTINCT study FROM {side}.{quote(table.name)}")
    }
