"""The headline of every part of every study, in two publications.

Belongs here: finding it in published rows. Does not belong here: its words, which are the part's own (`Part.headline`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog import Study, load_tables
from catalog.identity import Identity
from catalog.parts import regressions
from medpanel.changes.both import EARLIER, LATER, Both
from models_py.parts.registry import StudyPart, parts_of
from models_py.parts.regressions.identities import METHOD, headline_spec, own_identity
from models_py.parts.rows import typed

if TYPE_CHECKING:
    import pandas as pd

Rows = Callable[[str], "pd.DataFrame"]


@dataclass(frozen=True)
class Headline:
    """The line of a part before and after; None where its rows are not published."""

    study: str
    part: str
    before: str | None
    after: str | None

    @property
    def moved(self) -> bool:
        """Whether it says something else now."""
        return self.before != self.after


@dataclass(frozen=True)
class SampleSize:
    """Observations of a study's headline model in both publications; None where it is not published."""

    identity: Identity
    before: int | None
    after: int | None


def lines(study: Study, rows: Rows) -> dict[str, str]:
    """The line of each part that has one, by its key. `rows`: the study's rows of a table, none if not published."""
    return {
        one.key: one.part.headline(study, {table: rows(table) for table in _published(one)}, one.options)
        for one in parts_of(study)
        if one.part.headline is not None
    }


def published_lines(study: Study, rows: Rows) -> dict[str, str]:
    """The same of a publication: none of a study without rows, or without the estimate its headline is taken from."""
    there = any(len(rows(table)) for one in parts_of(study) for table in _published(one))
    lacks_headline = study.find(regressions.Options) is not None and not _has_own_estimate(study, rows)
    return {} if lacks_headline or not there else lines(study, rows)


def _has_own_estimate(study: Study, rows: Rows) -> bool:
    """Whether the fit and the estimate the headline is taken from are published."""
    identity, term = own_identity(study, headline_spec(study)), study.options(regressions.Options).headline.term
    fit, estimate = identity.columns, {**identity.columns, "term": term, "effect": "coef", "method": METHOD}
    return _any_row(rows("model_fit"), fit) and _any_row(rows("estimate"), estimate)


def _any_row(frame: pd.DataFrame, wanted: Mapping[str, str]) -> bool:
    """Whether a row has all these values."""
    if not wanted.keys() <= set(frame.columns):
        return False
    found = [frame[name].eq(value) for name, value in wanted.items()]
    return bool(len(frame)) and any(all(row) for row in zip(*found, strict=True))


def _published(one: StudyPart) -> list[str]:
    """The tables a part makes that are published; internal ones are in no publication."""
    return [table for table in one.part.makes if not load_tables()[table].internal]


def headlines(both: Both, studies: Iterable[Study]) -> list[Headline]:
    """The line of each part in both publications, study by study."""
    found = []
    for study in studies:
        before, after = (_lines(both, side, study) for side in (EARLIER, LATER))
        keys = dict.fromkeys([*before, *after])
        found += [Headline(study.id, key, before.get(key), after.get(key)) for key in keys]
    return found


def sample_sizes(both: Both, studies: Iterable[Study]) -> list[SampleSize]:
    """Observations of the headline model of each study that has regressions."""
    identities = [own_identity(study, headline_spec(study)) for study in studies if study.find(regressions.Options)]
    return [SampleSize(one, *(_observations(both, side, one) for side in (EARLIER, LATER))) for one in identities]


def _lines(both: Both, side: str, study: Study) -> dict[str, str]:
    """The lines on one side; none of a study, or of regressions, that side does not have."""

    def rows(table: str) -> pd.DataFrame:
        """The study's rows of a table."""
        if not both.have(table, "study", sides=(side,)):
            return typed(_nothing(), table)
        return typed(both.frame(f'FROM {side}."{table}" WHERE study = ?', [study.id]), table)

    return published_lines(study, rows)


def _observations(both: Both, side: str, identity: Identity) -> int | None:
    if not both.have("model_fit", *identity.columns, "n_obs", sides=(side,)):
        return None
    named = " AND ".join(f"{name} = ?" for name in identity.columns)
    found = both.rows(f"SELECT n_obs FROM {side}.model_fit WHERE {named}", list(identity.columns.values()))
    return int(found[0][0]) if found and found[0][0] is not None else None


def _nothing() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()
