"""Spatial panel models of an outcome, with tests, effects, regions, spillovers and words, as a part.

Belongs here: what it needs, makes and shows. Does not belong here: estimation (models_py/spatial), the models fitted
(fits.py), sentences (words.py), printing (tables.py), drawing (figure_spillover.py).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.parts.spatial_durbin import Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Replication, Seen, Show, Tables, Work
from models_py.parts.spatial_durbin.titles import TITLES, stem

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable
    from models_py.parts.spatial_durbin.words import Names

TABLES = ("estimate", "model_fit", "spec_test", "spillover")
MAP = "spillover_map"
_MAP = Text(zh="溢出地图", en="Spillover map")


def compute(work: Work) -> Tables:
    """Shares of estimate, model_fit and spec_test, and spillover."""
    from models_py.parts.spatial_durbin.fits import spatial_tables

    return spatial_tables(work)


def replicated(work: Work, made: Tables) -> Replication | None:
    """Coefficients and effects of the study's own model, for the scripts in replication/."""
    from models_py.parts.spatial_durbin.replicate import replicate

    return replicate(work, made)


def says(seen: Seen, options: Options) -> "Iterator[Text]":
    """rho or lambda of the study's own model with its interval."""
    from catalog.labels import variable_label, weights_label

    rows = seen.rows("estimate")
    if not len(rows):
        return
    own = rows[(rows["estimator"] == options.models[0]) & (rows["weights"] == options.weights[0])]
    own = own[(own["sample"] == "all") & (own["variant"] == "") & own["term"].isin(["rho", "lambda"])]
    what, weights = variable_label(seen.study, options.outcome), weights_label(options.weights[0])
    for row in own.head(1).to_dict("records"):
        model, value = options.models[0].upper(), f"{row['term']} {row['estimate']:.3f}"
        level, low, high = f"{row['ci_level']:.0%}", f"{row['ci_low']:.3f}", f"{row['ci_high']:.3f}"
        yield Text(
            en=f"{model} of {what.en}, {weights.en}: {value}, {level} interval {low} to {high}.",
            zh=f"{what.zh}的{model}模型（{weights.zh}）：{value}，{level}区间{low}至{high}。",
        )


def headline(study: Study, tables: Tables, options: Options) -> str:
    """rho or lambda of the study's own model with its interval."""
    rows = tables["estimate"]
    own = rows[(rows["estimator"] == options.models[0]) & (rows["weights"] == options.weights[0])]
    own = own[(own["sample"] == "all") & (own["variant"] == "") & own["term"].isin(["rho", "lambda"])]
    what = f"{study.id}: {options.models[0].upper()} of {options.outcome}, {options.weights[0]}"
    if own.empty:
        return f"{what}: no spatial coefficient"
    row = own.iloc[0]
    return f"{what}: {row['term']} {row['estimate']:.3f} ({row['ci_low']:.3f} to {row['ci_high']:.3f})"


def tables(seen: Seen, options: Options) -> "Iterator[ReportTable]":
    """Tests, estimates, regions, other choices, readings."""
    from models_py.parts.spatial_durbin import tables as printed

    estimate, fits, tests = (seen.share(name, options) for name in ("estimate", "model_fit", "spec_test"))
    estimate, fits, tests = (_mine(rows, options) for rows in (estimate, fits, tests))
    if estimate.empty:
        return
    names, synthetic = _names(seen, options), seen.synthetic
    made = (
        printed.tests_table(tests, options, synthetic),
        printed.estimates_table(estimate, fits, names, options, synthetic),
        printed.regions_table(estimate, tests, names, options, synthetic),
        printed.compared_table(estimate, fits, names, options, synthetic),
        printed.dynamic_table(estimate, names, options, synthetic),
        printed.words_table(estimate, names, options, synthetic),
        printed.tests_words_table(tests, options, synthetic),
    )
    yield from (table for table in made if table is not None)


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """What `tables` may yield."""
    left_out = [name for name, asked in (("regions", options.regions), ("dynamic", options.dynamic)) if not asked]
    return [(stem(options, name), title) for name, title in TITLES.items() if name not in left_out]


def maps(seen: Seen, options: Options) -> "Iterator[Picture]":
    """One map for each regressor, of provinces only; picked first is the one that moves the others most."""
    from models_py.figures.map_classes import TILES
    from models_py.parts.spatial_durbin.figure_spillover import spillover_map

    rows = _mine(seen.share("spillover", options), options)
    if rows.empty or not set(seen.panel.codes) <= set(TILES):
        return
    first = _first(rows)
    for term in options.regressors:
        drawn = spillover_map(rows, term, first, _names(seen, options), seen.data_kind)
        yield Picture(stem_of(MAP, options.name, term), drawn.title, drawn)


def _first(rows: "pd.DataFrame") -> int:
    """The province whose change moves the others most, over all regressors."""
    away = rows[(rows["order"] == "all") & (rows["origin_code"] != rows["destination_code"])]
    return int(str(away["effect"].abs().groupby(away["origin_code"]).sum().idxmax()))


def _mine(rows: "pd.DataFrame", options: Options) -> "pd.DataFrame":
    """The part's own rows: those of its tables, and of its name where it stands twice."""
    from models_py.parts.regressions.identities import rows_of_part

    if rows.empty:
        return rows
    numbers = set(options.tables.model_dump().values())
    return rows_of_part(rows[rows["table_no"].isin(numbers) & (rows["model"] == options.outcome)], options.name)


def _names(seen: Seen, options: Options) -> "Names":
    from models_py.parts.spatial_durbin.words import Names

    return Names(seen.study, seen.panel, options.outcome, options.regressors)


def named(study: Study, options: Options, row: Mapping[str, Any]) -> Text | None:
    """What a row of its tables calls its term."""
    from models_py.parts.spatial_durbin.words import term_label

    mine = row["table_no"] in options.tables.model_dump().values()
    return term_label(study, str(row["term"])) if mine else None


PART = Part(
    summary=Text(
        en="Spatial panel models by maximum likelihood: SDM and what it contains, tests, direct, indirect and total "
        "effects, regions, spillovers, each in words; associations, not effects",
        zh="空间面板模型（极大似然）：SDM及其嵌套模型、检验、直接间接与总效应、分地区、溢出及读法；为关联而非因果",
    ),
    needs=("figures", VARIABLES),
    makes=TABLES,
    whole=("spillover",),
    compute=compute,
    replicate=replicated,
    headline=headline,
    term_label=named,
    says=says,
    shows=(
        Show("spatial_durbin", "table", Text(zh="空间模型", en="Spatial model"), tables, titles=table_titles),
        Show(MAP, "figure", _MAP, maps),
    ),
)
