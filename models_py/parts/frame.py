"""What a part is, and what it is given.

Belongs here: `Part`, `Work`, the inputs parts may name, `Show`, `Replication`. Does not belong here: finding parts
(registry.py) and anything that computes.

A table filled by several parts has one result for each, `estimate` and `estimate__few_clusters`; their rows together
make up the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from catalog.base import Text

if TYPE_CHECKING:
    import pandas as pd

    from catalog import Study
    from models_py.panel import Panel

Tables = Mapping[str, "pd.DataFrame"]

# Frames of the warehouse a part may need; in every one the code of the panel's entities is called entity_code. The
# value is the table it is read from, {figures} and {alternatives} those of the panel's unit (catalog/panel_units.yaml).
INPUTS: Mapping[str, str] = {
    "figures": "{figures}",
    "figures_alternative": "{alternatives}",
    "exposure_variant": "int_exposure_variant",
    "smart_exposure": "smart_exposure",
    "published_figure": "published_figure",
    "city_pair": "city_pair",
    # Nation and provinces, one row for each figure; with what the figures of the panel have no column for.
    "figures_long": "int_figure_long",
    "city": "city",
    "city_year": "city_year",
    "county_year": "county_year",
    "doctor_count": "int_doctor_count",
    # Places whose list of flows is full, or has none: network, direction, city_code and counts.
    "flow_list": "int_flow_list",
    # Every cell of survey networks, of any size; a table of lake/private, read past the warehouse.
    "survey_edge": "survey_edge",
    # Matrices that users supply: name, code, neighbour_code, weight.
    "spatial_weight": "int_spatial_weight",
}
# Inputs with rows of those studies alone that ask for them: there where some part of the study needs them.
BY_STUDY = frozenset({"exposure_variant", "smart_exposure"})
# Inputs about persons that stand in no warehouse; what rests on them must keep to their limit for publication.
CLOSED = frozenset({"survey_edge"})
# Stands for every table whose columns other parts of the study offer as variables.
VARIABLES = "variables"


@dataclass(frozen=True)
class Work:
    """What a part's function is given.

    `tables`: the inputs and the earlier parts' tables it needs, by name, rows of this study only. `offered`: those of
    them whose columns are variables. `remake`: the offered tables as they would be from other figures.
    """

    study: Study
    options: Any
    panel: Panel
    tables: Tables
    offered: Tables
    data_kind: str
    remake: Callable[[pd.DataFrame], Tables]


@dataclass(frozen=True)
class Seen:
    """What a show is made from: the published rows of one study, and what it may need to draw them.

    `remarks`: what must stand under everything shown, such as sources that bar passing their figures on.
    """

    study: Study
    panel: Panel
    tables: Tables
    data_kind: str
    boundary: pd.DataFrame | None = None
    remarks: tuple[Text, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether everything shown must be marked as generated."""
        return self.data_kind == "synthetic"

    def rows(self, table: str) -> pd.DataFrame:
        """Rows of a table; an empty frame if the study has none."""
        import pandas as pd

        return self.tables.get(table, pd.DataFrame())

    def share(self, table: str, options: Any) -> pd.DataFrame:
        """The rows of a table that one part made; all of them if they are not kept apart."""
        key = f"{table}__{options.part()}" + (f"_{options.name}" if options.name else "")
        return self.rows(key if key in self.tables else table)


@dataclass(frozen=True)
class Show:
    """A table or figure a part offers, or several of a kind.

    `name`: the beginning of its files' names. `make`: from the published rows to objects with a `stem`
    (models_py/figures: ReportTable, Picture), none if there is nothing to show. `titles`: names and titles of what
    may be shown, if they depend on the study, known from its file alone. `needs`: inputs it reads besides the study's
    own tables; `boundary` means the polygons of a map.
    """

    name: str
    kind: Literal["table", "figure"]
    title: Text
    make: Callable[[Seen, Any], Iterable[Any]]
    titles: Callable[[Study, Any], Sequence[tuple[str, Text]]] | None = None
    needs: tuple[str, ...] = ()

    def titled(self, study: Study, options: Any) -> Sequence[tuple[str, Text]]:
        """Name and title of everything it may show in a study."""
        return ((self.name, self.title),) if self.titles is None else self.titles(study, options)


@dataclass(frozen=True)
class Replication:
    """What scripts in Stata, R and Python need to find a part's numbers again.

    The scripts are replication/script.do, script.R and script.py in the part's folder; medpanel/replication/common.py
    says what surrounds them. `frames`: the data, by the name under which the scripts know them; `labels`: what each
    column means, with its unit. `lists`: names or numbers the scripts run over, by name. `expected`: one row for each
    number, with key columns that tell them apart, `value` and `tolerance` (absolute). `notes`: the conventions. Names
    of frames, lists and columns are at most 32 ASCII letters, digits and underscores.
    """

    title: Text
    panel: Panel
    frames: Mapping[str, pd.DataFrame]
    labels: Mapping[str, Text]
    lists: Mapping[str, Sequence[str | float]]
    expected: pd.DataFrame
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Part:
    """One part of a study.

    `needs`: inputs by name (`INPUTS`), tables of other parts or VARIABLES, without which it cannot be computed; `uses`:
    those it takes if the study has them. `makes`: tables it fills; of those in `whole` it is the only or first
    maker, and its result has the table's name. `offers`: tables, made or needed, whose numeric columns are variables
    of later parts. `models`: regressions that scripts of the replication bundle must reproduce; `replicate`: any other
    numbers they must, from what `compute` was given and the tables it made, None if there is none. `headline`: the
    part's line in a run's summary, none if it has nothing to say; `says`: its main result in sentences for the top of
    the study's page, an estimate with its interval. `answer`: tables for the screen from options
    changed for one question and published rows of what it uses, for parts whose options have `settings`.
    `term_label`: what a row of `estimate` calls its term, None for a row of another part.
    `consults`: parts whose options it reads besides its own and those of parts that offer variables; the options of
    any other part are withheld from it. `imports_by_name`: modules it imports by a name that no import statement shows.
    """

    needs: tuple[str, ...]
    makes: tuple[str, ...]
    compute: Callable[[Work], Tables]
    summary: Text
    uses: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    imports_by_name: Callable[[Study], tuple[str, ...]] = lambda study: ()
    whole: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    shows: tuple[Show, ...] = ()
    models: Callable[[Work], Sequence[Any]] | None = None
    replicate: Callable[[Work, Tables], Replication | None] | None = None
    headline: Callable[[Study, Tables, Any], str] | None = None
    says: Callable[[Seen, Any], Iterable[Text]] | None = None
    answer: Callable[[Study, Any, Tables, str], Sequence[Any]] | None = None
    term_label: Callable[[Study, Any, Mapping[str, Any]], Text | None] | None = None


def joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all frames, one table."""
    import pandas as pd

    return pd.concat(list(frames), ignore_index=True)
