"""Finding all parts, ordering those of a study by what they need, and running them.

Belongs here: finding part.py in every folder beside this file, ordering by needs, what each part is given.
Does not belong here: any part, and where tables are read from or kept (dagster_project).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import models_py.parts
from catalog import Study
from catalog.base import refuse
from catalog.identity import variant_choices, variant_of
from catalog.panels import load_units
from catalog.part_options import PartOptions, known_parts
from models_py.parts.frame import BY_STUDY, INPUTS, VARIABLES, Part, Show, Tables, Work, joined

if TYPE_CHECKING:
    import pandas as pd

    from models_py.panel import Panel


class PartError(ValueError):
    """A part's declaration is wrong, or a study lacks what one of its parts needs; the message names both."""


@dataclass(frozen=True)
class StudyPart:
    """A part within a study: with its options, and with a name if the study has it twice."""

    part: Part
    options: PartOptions

    @property
    def id(self) -> str:
        """The part's id."""
        return self.options.part()

    @property
    def key(self) -> str:
        """A key that no two parts of a study share."""
        return f"{self.id}_{self.options.name}" if self.options.name else self.id

    def uses(self, study: Study) -> tuple[str, ...]:
        """What it takes if the study has it: what its kind always uses, and what its options ask for."""
        return (*self.part.uses, *self.options.uses(study))

    def result(self, table: str) -> str:
        """Name of the part's share of a table."""
        return table if table in self.part.whole and not self.options.name else f"{table}__{self.key}"


@cache
def all_parts() -> Mapping[str, Part]:
    """Every part by its id, the name of its folder. Raises PartError for one found in only one of the two places."""
    found = {
        module.name: import_module(f"{models_py.parts.__name__}.{module.name}.part").PART
        for module in pkgutil.iter_modules(models_py.parts.__path__)
        if module.ispkg
    }
    apart = sorted(found.keys() ^ known_parts().keys())
    refuse(
        (apart, f"a part must be in both catalog/parts/ and models_py/parts/; {', '.join(apart)} has only one"),
        error=PartError,
    )
    return found


def parts_of(study: Study) -> tuple[StudyPart, ...]:
    """The parts of a study, each after those that make what it takes, otherwise in the order of the study file.

    Raises PartError for parts that wait for each other.
    """
    waiting = [StudyPart(all_parts()[options.part()], options) for options in study.parts]
    ordered: list[StudyPart] = []
    while waiting:
        ready = [one for one in waiting if not _before(study, one, waiting)][:1]
        refuse(
            (not ready, f"these parts wait for each other: {', '.join(one.key for one in waiting)}"), error=PartError
        )
        waiting.remove(*ready)
        ordered += ready
    return tuple(ordered)


def _before(study: Study, one: StudyPart, others: list[StudyPart]) -> bool:
    """Whether another part makes something this one takes."""
    wanted = {*one.part.needs, *one.uses(study)}
    return any(
        other is not one and (wanted & set(other.part.makes) or (VARIABLES in wanted and other.part.offers))
        for other in others
    )


def results_of(study: Study) -> dict[str, tuple[str, ...]]:
    """The names of a study's results by the table they belong to.

    Raises PartError for two results of one name: parts that both make the whole of a table.
    """
    names: dict[str, tuple[str, ...]] = {}
    makers: dict[str, str] = {}
    for one in parts_of(study):
        for table in one.part.makes:
            name = one.result(table)
            refuse(
                (
                    name in makers,
                    f"{study.id}: {makers.get(name)} and {one.key} both make {name}; leave one of them out",
                ),
                error=PartError,
            )
            makers[name] = one.key
            names[table] = (*names.get(table, ()), name)
    return names


def offered_of(study: Study) -> tuple[str, ...]:
    """Tables and inputs whose numeric columns are variables of the study."""
    return tuple(dict.fromkeys(name for one in parts_of(study) for name in one.part.offers))


def needs_of(study: Study, one: StudyPart) -> tuple[str, ...]:
    """The inputs, and tables of other parts, that a part is given in this study.

    Raises PartError for a table it needs that no part of the study makes, or an input its unit does not have.
    """
    made = {table for other in parts_of(study) if other != one for table in other.part.makes}
    found = tuple(
        need
        for need in _taken(study, one)
        if need in made or (table_of(study, need) is not None and (need in one.part.needs or _there(study, need)))
    )
    absent = [need for need in _taken(study, one) if need in one.part.needs and need not in found]
    refuse(
        *((need, f"{study.id}: the part {one.key} needs {need}, {_why_not(study, need)}") for need in absent),
        error=PartError,
    )
    return found


def _taken(study: Study, one: StudyPart) -> tuple[str, ...]:
    """What a part needs and uses, by name: for VARIABLES the tables that other parts offer."""
    others = tuple(name for name in offered_of(study) if name not in one.part.makes)
    named = [others if need == VARIABLES else (need,) for need in (*one.part.needs, *one.uses(study))]
    return tuple(dict.fromkeys(name for names in named for name in names))


def _there(study: Study, name: str) -> bool:
    """Whether an input has rows of the study: always, or only if one of its parts cannot do without them."""
    return name not in BY_STUDY or any(name in one.part.needs for one in parts_of(study))


def _why_not(study: Study, need: str) -> str:
    if need not in INPUTS:
        return "which nothing in the study makes"
    many = load_units()[study.panel.unit].many.en
    return f"and catalog/panel_units.yaml names no table of it for {many}; name one there, or pass it to run_study"


def table_of(study: Study, name: str) -> str | None:
    """The table of the warehouse an input is read from; None if it is not an input, or if the unit does not have it."""
    unit = load_units()[study.panel.unit]
    table = INPUTS.get(name)
    return {"{figures}": unit.figures, "{alternatives}": unit.alternatives}.get(table or "", table)


def results_before(study: Study, one: StudyPart, table: str) -> tuple[str, ...]:
    """Names of the results that make up one table for a part. Raises KeyError when there is none."""
    names = [other.result(table) for other in parts_of(study) if other != one and table in other.part.makes]
    if not names:
        raise KeyError(f"{study.id}: no part beside {one.key} makes {table}")
    return tuple(names)


def compute(one: StudyPart, study: Study, panel: Panel, tables: Tables, data_kind: str) -> dict[str, pd.DataFrame]:
    """The tables of one part. `tables`: what `needs_of` names; an input without rows of the study counts as absent.

    Raises PartError if the part makes tables other than it says, and whatever the part itself raises.
    """
    made = dict(one.part.compute(work_of(one, study, panel, tables, data_kind)))
    refuse(
        (
            set(made) != set(one.part.makes),
            f"{one.id} says that it makes {sorted(one.part.makes)} but made {sorted(made)}",
        ),
        error=PartError,
    )
    again = study.find(type(one.options)) != one.options
    return {table: _named(frame, table, one, again) for table, frame in made.items()}


def set_for_run(study: Study, one: StudyPart, values: Mapping[str, float | None]) -> tuple[Study, StudyPart]:
    """A study and one of its parts with values set for one run (`PartOptions.for_run`, which may refuse them)."""
    changed = one.options.for_run(values)
    return study.with_options(changed), StudyPart(one.part, changed)


def seen_by(study: Study, one: StudyPart) -> Study:
    """The study as one part sees it: without parts it does not consult, so that its result cannot depend on them."""
    consulted = {*one.part.consults, *one.options.consults(study)}
    return _with_only(study, lambda options: options == one.options or options.part() in consulted)


def seen_together(study: Study, ones: Collection[StudyPart]) -> Study:
    """The study as several parts see it together."""
    return _with_only(study, lambda options: any(options in seen_by(study, one).parts for one in ones))


def what_parts_give(study: Study) -> Study:
    """The study with only the parts everybody sees: those that give it variables or readings."""
    return _with_only(study, lambda options: False)


def _with_only(study: Study, wanted: Callable[[PartOptions], bool]) -> Study:
    return study.without(
        [options for options in study.parts if not (wanted(options) or options.offers or options.readings)]
    )


def modules_of(study: Study, one: StudyPart) -> tuple[str, ...]:
    """The modules whose code decides what a part makes: its own, and those of parts that may be remade for it."""
    needs = set(needs_of(study, one))
    ids = sorted({one.id, *(other.id for other in parts_of(study) if needs & set(other.part.offers))})
    own = [module for id in ids for module in (f"catalog.parts.{id}", f"{models_py.parts.__name__}.{id}.part")]
    return (__name__, *own, *one.part.imports_by_name(study))


def _remade(study: Study, panel: Panel, tables: Tables, figures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The offered tables from other figures; those that do not rest on the panel's figures stay as they are.

    Raises PartError where one of them rests on a table that is not among `tables`, so that none is left as it was.
    """
    found = {name: tables[name] for name in offered_of(study) if name in tables}
    now, changed = {**tables, "figures": figures}, {"figures"}
    for other in parts_of(study):
        again = [table for table in other.part.offers if table in other.part.makes and table in found]
        if not again or not changed.intersection(_taken(study, other)):
            continue
        lacking = [name for name in other.part.needs if name not in now and name != VARIABLES]
        refuse(
            (lacking, f"{study.id}: {other.key} cannot be made from other figures without {', '.join(lacking)}"),
            error=PartError,
        )
        made = compute(other, study, panel, now, "")
        now, changed = now | made, changed | set(again)
        found |= {table: made[table] for table in again}
    return found


def _named(frame: pd.DataFrame, table: str, one: StudyPart, again: bool) -> pd.DataFrame:
    """Rows of a named part, with the name in `variant`; if the study has it `again`, its rows must have that column."""
    if not one.options.name or not len(frame):
        return frame
    if "variant" in frame.columns:
        return frame.assign(
            variant=[variant_of(variant_choices(v) | {"part": one.options.name}) for v in frame["variant"]]
        )
    refuse(
        (again, f"{one.id} cannot occur twice: {table} has no column that would tell {one.key} from the first"),
        error=PartError,
    )
    return frame


def run_study(study: Study, panel: Panel, inputs: Tables, data_kind: str) -> dict[str, pd.DataFrame]:
    """Every table of a study, from the given inputs and panel: what Dagster does part by part, done in memory.

    `inputs`: frames by name (`INPUTS`). Raises PartError naming an input that is not given.
    """
    made: dict[str, list[pd.DataFrame]] = {}
    for one in parts_of(study):
        given = {table: joined(frames) for table, frames in made.items()}
        for table, frame in compute(one, study, panel, _handed(study, one, given, inputs), data_kind).items():
            made.setdefault(table, []).append(frame)
    return {table: joined(frames) for table, frames in made.items()}


def _handed(study: Study, one: StudyPart, given: Tables, inputs: Tables) -> dict[str, pd.DataFrame]:
    there, taken = {**inputs, **given}, _taken(study, one)
    absent = [name for name in taken if name not in there and name in one.part.needs]
    refuse(
        *((name, f"{study.id}: the part {one.key} needs the input {name}, which was not given") for name in absent),
        error=PartError,
    )
    return {name: there[name] for name in taken if name in there}


def shows_of(study: Study) -> Iterator[tuple[StudyPart, Show]]:
    """Every table and figure the parts of a study offer, in the order of the report: by part, in the file's order."""
    for options in study.parts:
        one = StudyPart(all_parts()[options.part()], options)
        for show in one.part.shows:
            yield one, show


def shown_inputs(study: Study) -> tuple[str, ...]:
    """Inputs that the shows of a study read besides its own tables."""
    own = results_of(study)
    wanted = dict.fromkeys(need for _, show in shows_of(study) for need in show.needs if need not in own)
    return tuple(need for need in wanted if _there(study, need))


def replicated_of(study: Study) -> tuple[StudyPart, ...]:
    """The parts of a study whose numbers are replicated by scripts: regressions, or others."""
    return tuple(one for one in parts_of(study) if one.part.models is not None or one.part.replicate is not None)


def work_of(one: StudyPart, study: Study, panel: Panel, tables: Tables, data_kind: str) -> Work:
    """What a part's functions are given; `tables` as in `compute`."""
    present = {name: frame for name, frame in tables.items() if len(frame) or name not in one.uses(study)}
    return Work(
        seen_by(study, one),
        one.options,
        panel,
        present,
        {name: present[name] for name in offered_of(study) if name in present},
        data_kind,
        lambda figures: _remade(study, panel, present, figures),
    )
