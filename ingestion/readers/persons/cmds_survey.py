"""CMDS survey microdata (.dta, .sav): each respondent one person on the edge hukou place -> current residence.

Belongs here: the layout, adding up the checked respondents, and reporting what became of them. Reading and checking:
survey/. Respondents stay in lake/private, the numbers of refused records too; what is published holds no id and no
answers of one respondent: refusals are counted, and a value is told only where enough respondents share it.

The origin is where somebody is registered, which need not be the last place lived in. Which cells are withheld so that
no published figure describes a handful of persons: survey/withholding.py. All cells as counted are kept in lake/private
for models, which use every one; those published are rounded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from catalog.declarations.survey import ROUNDED_TO, SMALL_CELLS, SurveyNetwork, SurveySpec, load_survey_catalog
from ingestion.readers.base import FileLayout, Probe, Problem, Refusal, Source, Tally, require
from ingestion.readers.persons.survey.files import Variable, as_numbers, read_variables
from ingestion.readers.persons.survey.respondents import ASIDE, Respondents, check_respondents, lies_within
from ingestion.readers.persons.survey.withholding import Counted, withheld


def count_edges(people: Respondents, network: SurveyNetwork) -> pd.DataFrame:
    """The edges of the loaded respondents; those within one unit are self-loops.

    One row per edge, in order of origin and destination. origin, destination: codes. persons: respondents. flow:
    persons or sum of weights. block: the pair of prefecture-level units the edge lies in.
    """
    unit = "own_city" if network.level == "prefecture" else "own_county"
    loaded = people.reason == 0
    if network.province is not None:
        loaded &= lies_within(network.province, people.origin, people.destination)
    key = _pair(people.origin[unit][loaded], people.destination[unit][loaded])
    edges, position, persons = np.unique(key, return_inverse=True, return_counts=True)
    flow: np.ndarray = persons.astype(np.float64)
    if network.weight != "none":
        weight = people.weight[loaded]
        # In one order whatever the order of records, so that sums are the same to the last digit.
        order = np.lexsort((weight, position))
        flow = np.bincount(position[order], weights=weight[order], minlength=len(edges))
    block = np.zeros(len(edges), dtype=np.int64)
    block[position] = _pair(people.origin["own_city"][loaded], people.destination["own_city"][loaded])
    origin, destination = (edges // 10**6).astype(np.int32), (edges % 10**6).astype(np.int32)
    return pd.DataFrame(
        {"origin": origin, "destination": destination, "persons": persons, "flow": flow, "block": block}
    )


def _pair(origin: np.ndarray, destination: np.ndarray) -> np.ndarray:
    return origin.astype(np.int64) * 10**6 + destination


def rounded(count: int, bound: int) -> int:
    """`count` to the nearest multiple of the bound: a note may tell how much is withheld, not exactly."""
    return (2 * count + bound) // (2 * bound) * bound if bound > 1 else count


def _read(probe: Probe, source: Source, tally: Tally) -> None:
    spec = source.survey
    assert spec is not None
    if spec.no_edges is not None:
        raise Refusal(Problem("survey_no_edges", hint=f"{spec.no_edges.en} / {spec.no_edges.zh}"))
    variables, count = read_variables(probe, spec.field_map.named, source.encoding)
    require(count, Problem("empty_file"))
    people = check_respondents(variables, spec)
    _report(people, spec, tally)
    loaded, rejected, aside = (int(n.sum()) for n in (people.reason == 0, people.reason > 0, people.reason == ASIDE))
    tally.count_rows(count, loaded, rejected, aside)
    tally.add_table("respondent", _respondents(people, variables))
    flows, edges = zip(*_networks(people, spec, tally), strict=True)
    tally.add_table("flow", pa.concat_tables(flows))
    tally.add_table("survey_edge", pa.concat_tables(edges))


def _report(people: Respondents, spec: SurveySpec, tally: Tally) -> None:
    """Say what respondents are refused for, and how many; which ones is told in the private part alone."""
    # Also with no cells withheld: a value found may be anything, if the field map is wrong.
    bound = max(spec.small_cells, SMALL_CELLS)
    rows = np.flatnonzero(people.reason > 0)
    reasons = people.reason[rows] - 1
    told: set[Problem] = set()
    counts: Counter[str] = Counter()
    for number, count in sorted(Counter(reasons.tolist()).items()):
        problem = people.problems[number]
        shown = problem if count >= bound else _discreet(problem, bound)
        counts[problem.code] += count
        if shown not in told:
            tally.reject(shown, "")
            told.add(shown)
    for code, count in sorted(counts.items()):
        # The count stands in `raw` too: the accounts of rows are checked against it.
        tally.reject(Problem("survey_refused", f"{count:,}", hint=code), str(count))
    if len(rows):
        codes = pa.array([problem.code for problem in people.problems], pa.string()).take(pa.array(reasons))
        tally.add_table("refused_respondent", pa.table({"row": rows + 1, "code": codes}))


def _discreet(problem: Problem, bound: int) -> Problem:
    """The problem without the value found: fewer respondents than the bound share it, and it may not be a place."""
    if not problem.found:
        return problem
    withheld = f"a value of fewer than {bound} respondents, not shown"
    return replace(problem, found=withheld, expected="-" if problem.expected else "")


def _networks(people: Respondents, spec: SurveySpec, tally: Tally) -> list[tuple[pa.Table, pa.Table]]:
    """Of each network the flows that are published, and all edges as counted."""
    counted = []
    for network in spec.networks:
        edges = count_edges(people, network)
        loops = edges.origin == edges.destination
        if loops.any():
            persons = rounded(int(edges.persons[loops].sum()), spec.small_cells)
            tally.reject(Problem("survey_within_unit", f"{network.name}: ≈ {persons:,}"), "")
        counted.append(Counted(edges[~loops], network.level == "county"))
    tables = []
    for network, one, hidden in zip(spec.networks, counted, withheld(counted, spec.small_cells), strict=True):
        if hidden.any():
            cells, persons = (rounded(int(n.sum()), spec.small_cells) for n in (hidden, one.edges.persons[hidden]))
            found = f"{network.name}: about {cells:,} edges with about {persons:,} respondents"
            tally.reject(Problem("small_cells", found, str(spec.small_cells)), "")
        shown = _rounded(one.edges[~hidden]) if spec.small_cells > 1 else one.edges
        tables.append(
            (_flow(shown, network.name, str(spec.wave)), _survey_edge(one.edges, ~hidden, network.name, spec))
        )
    return tables


def _rounded(edges: pd.DataFrame) -> pd.DataFrame:
    """Cells as published: respondents to the nearest multiple of ROUNDED_TO, never 0; sums of weights in proportion."""
    persons = np.array([max(rounded(int(count), ROUNDED_TO), ROUNDED_TO) for count in edges.persons], dtype=np.int64)
    return edges.assign(persons=persons, flow=edges.flow * persons / edges.persons)


def _survey_edge(edges: pd.DataFrame, shown: np.ndarray, name: str, spec: SurveySpec) -> pa.Table:
    size = len(edges)
    return pa.table(
        {
            "network": pa.array([name] * size, pa.string()),
            "origin_code": edges.origin,
            "destination_code": edges.destination,
            "persons": edges.persons,
            "flow": edges.flow,
            "shown": shown,
            "small_cells": pa.array([spec.small_cells] * size, pa.int32()),
        }
    )


def _flow(edges: pd.DataFrame, name: str, year: str) -> pa.Table:
    size = len(edges)
    # "both": every row stands for itself, none is one end's list of the other.
    texts = {"network": name, "direction": "both", "period_first": year, "period_last": year, "unit": "persons"}
    return pa.table(
        {
            **{name: pa.array([text] * size, pa.string()) for name, text in texts.items()},
            "periods": pa.array([1] * size, pa.int32()),
            "precedence": pa.array([1] * size, pa.int32()),
            "origin_code": edges.origin,
            "destination_code": edges.destination,
            "flow": edges.flow,
            "rows": edges.persons,
            # Which records make up an edge is nobody's business outside lake/private.
            "first_row": pa.nulls(size, pa.int64()),
        }
    )


def _respondents(people: Respondents, variables: dict[str, Variable]) -> pa.Table:
    """The loaded respondents in order of records: finest code known of both places, in the networks' year."""
    loaded = np.flatnonzero(people.reason == 0)
    columns = {
        "respondent": pa.array(people.ids.values, pa.string()).take(pa.array(people.ids.codes[loaded])),
        "origin_code": _finest(people.origin)[loaded],
        "destination_code": _finest(people.destination)[loaded],
        "scope": pa.array(["", *load_survey_catalog().scopes.values()]).take(pa.array(people.scope[loaded])),
        "weight": _number(people.weight[loaded], pa.float64()),
        "row": loaded + 1,
    }
    for name in ("arrival_year", "arrival_month"):
        values = as_numbers(variables[name])[loaded] if name in variables else np.full(len(loaded), np.nan)
        columns[name] = _number(np.where(values % 1 == 0, values, np.nan), pa.int32())
    return pa.table(columns)


def _finest(units: dict[str, np.ndarray]) -> np.ndarray:
    return np.where(units["own_county"] > 0, units["own_county"], units["own_city"])


def _number(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.float64(), mask=~(np.isfinite(values) & (np.abs(values) < 2**31))).cast(kind)


CMDS = FileLayout(
    "cmds",
    "survey microdata of migrants (CMDS), one respondent a record",
    "流动人口动态监测调查（CMDS）个人数据",
    frozenset({".dta", ".sav"}),
    lambda probe, source: source.survey is not None,
    _read,
    declared_only=True,
    asked=60,
    uses=frozenset({"survey"}),
    entry_key="survey",
    persons=True,
)
