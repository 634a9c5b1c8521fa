"""Evidence on timing as a part: under every reading and threshold of the headline's model.

Belongs here: what the part takes, makes and shows: event studies, estimators for staggered exposure, weights, and the
estimates as tables. Does not belong here: drawing (figure_event_study.py, figure_weights.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, variant_choices
from catalog.labels import effect_label, load_labels, of_reading, variable_label
from catalog.parts import exposure
from catalog.parts.treatment_timing import BOUND_TERM, EVENT_TERM, Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.figures.table import ReportTable
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work, joined
from models_py.parts.regressions.identities import headline_spec, rows_of_part

if TYPE_CHECKING:
    import pandas as pd

    from models_py.parts.treatment_timing.figure_event_study import Basis

# Numbers of the tables, as event_study.py and staggered.py have them.
EVENT_STUDY, STAGGERED = "Event study", "Staggered adoption"
EVENT_STUDY_TITLE = Text(zh="事件研究", en="Event study")
STAGGERED_TITLE = Text(zh="分批暴露的估计方法", en="Estimators for staggered exposure")
WEIGHTS_TITLE = Text(zh="双向固定效应权重", en="Two-way fixed-effects weights")
ESTIMATES_TITLE = Text(zh="估计值", en="estimates")
# Years since first exposure, as a term.


def _title(name: str, title: Text, study: Study, options: Options) -> list[tuple[str, Text]]:
    """The title of a figure, known from the options alone."""
    return [(stem_of(name, options.name), title)]


def table_titles(study: Study, options: Options) -> list[tuple[str, Text]]:
    """Those of the two tables; a figure has the number's own name already."""
    return [
        (
            stem_of(number, "estimates", options.name),
            Text(zh=f"{text.zh}：{ESTIMATES_TITLE.zh}", en=f"{text.en}: {ESTIMATES_TITLE.en}"),
        )
        for number, text in ((EVENT_STUDY, EVENT_STUDY_TITLE), (STAGGERED, STAGGERED_TITLE))
    ]


def event_studies(seen: Seen, options: Options) -> Iterator[Picture]:
    """The event study under every reading, one figure for each threshold: the one resting on most entities first."""
    made = [
        (basis_of(seen, options, rows, threshold), rows, threshold)
        for threshold, rows in _by_threshold(_of_table(seen, options, EVENT_STUDY))
    ]
    for basis, rows, threshold in sorted(made, key=lambda one: -(one[0].exposed or 0)):
        yield _picture(seen, options, rows, threshold, basis)


def staggered(seen: Seen, options: Options) -> Iterator[Picture]:
    """Every estimator for staggered exposure, one figure for each threshold and reading."""
    for threshold, rows in _by_threshold(_of_table(seen, options, STAGGERED)):
        for _, part in rows.groupby("reading", sort=False):
            yield _picture(seen, options, part, threshold)


def weights(seen: Seen, options: Options) -> Iterator[Picture]:
    """Weights of the headline's coefficient, one figure for each reading."""
    from models_py.parts.regressions.described import model_label
    from models_py.parts.treatment_timing.figure_weights import twfe_weights

    rows = rows_of_part(seen.rows("twfe_weight"), options.name)
    if rows.empty:
        return
    term, own = variable_label(seen.study, options.treatment), seen.study.own_reading
    for (table_no, model, reading), part in rows.groupby(["table_no", "model", "reading"], sort=False):
        words = () if reading == own else (str(table_no), str(model), str(reading))
        figure = twfe_weights(part, term, seen.panel, seen.data_kind, label=partial(model_label, seen.study))
        titled = replace(figure, title=of_reading(figure.title, "" if reading == own else str(reading)))
        yield Picture(stem_of("twfe_weights", options.name, *words), WEIGHTS_TITLE, titled)


def tables(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The estimates of the event study with the bounds on it, and those of the estimators for staggered exposure."""
    from models_py.figures.table import estimates_table
    from models_py.parts.regressions.described import model_label

    study = seen.study
    kinds = ((EVENT_STUDY, EVENT_STUDY_TITLE), (STAGGERED, STAGGERED_TITLE))
    for (number, what), (stem, _) in zip(kinds, table_titles(study, options), strict=True):
        rows = _of_table(seen, options, number)
        if rows.empty:
            continue
        table = estimates_table(
            rows,
            Text(zh=f"{what.zh}的估计值：{study.title.zh}", en=f"{what.en}, estimates: {study.title.en}"),
            term_label=lambda term: term_label(study, term),
            effect_label=lambda effect: effect_label(options.part(), effect),
            label=partial(model_label, study),
            synthetic=seen.synthetic,
        )
        yield replace(table, stem=stem)


_RESTRICTIONS = {
    "relative_magnitudes": Text(zh="相对幅度不超过{}", en="relative magnitudes up to {}"),
    "smoothness": Text(zh="平滑变化不超过{}", en="smoothness up to {}"),
}


def term_label(study: Study, term: str) -> Text:
    """Years since first exposure for event_<k>, words for bounds; otherwise as the study's variables are called."""
    bound = BOUND_TERM.fullmatch(term)
    if bound is not None:
        target, within = load_labels().subjects[bound[1]], _RESTRICTIONS[bound[2]]
        return Text(zh=f"{target.zh}，{within.zh.format(bound[3])}", en=f"{target.en}, {within.en.format(bound[3])}")
    event = EVENT_TERM.fullmatch(term)
    if event is None:
        return variable_label(study, term)
    k = event[1].replace("-", "−")
    return Text(zh=f"首次暴露后{k}年", en=f"{k} {'year' if k == '1' else 'years'} since first exposure")


def _picture(
    seen: Seen, options: Options, rows: pd.DataFrame, threshold: float | None, basis: Basis | None = None
) -> Picture:
    """One figure of event coefficients. Only the event study proper has a `basis`, and its readings in one figure."""
    from models_py.parts.regressions.described import model_label
    from models_py.parts.treatment_timing.figure_event_study import event_study

    study, own, table_no = seen.study, seen.study.own_reading, str(rows["table_no"].iloc[0])
    title, reading = STAGGERED_TITLE, str(rows["reading"].iloc[0])
    if basis is not None:
        title, reading = EVENT_STUDY_TITLE, own
    figure = event_study(
        rows,
        variable_label(study, headline_spec(study).outcome),
        variable_label(study, options.treatment),
        seen.panel.unit,
        seen.data_kind,
        basis=basis,
        label=partial(model_label, study),
    )
    other = "" if reading == own else reading
    words, titles = [table_no, options.name, other], [title, of_reading(figure.title, other)]
    if threshold is not None:
        titles = [_above(threshold, one) for one in titles]
        words.append(f"above_{threshold:g}")
    return Picture(stem_of(*words), titles[0], replace(figure, title=titles[1]))


def _above(threshold: float, title: Text) -> Text:
    return Text(zh=f"{title.zh}（暴露度高于{threshold:g}）", en=f"{title.en} (exposure above {threshold:g})")


def basis_of(seen: Seen, options: Options, rows: pd.DataFrame, threshold: float | None) -> Basis:
    """What an event study rests on, as its rows of `spec_test` say; `rows`: its rows of `estimate`."""
    from models_py.parts.treatment_timing.event_study import EXPOSED, REFERENCE
    from models_py.parts.treatment_timing.figure_event_study import Basis

    tests = rows_of_part(seen.rows("spec_test"), options.name)
    own = {} if tests.empty else {
        test: part["statistic"] for test, part in tests[_same_model(tests, rows)].groupby("test")
    }  # fmt: skip
    references = {int(k) for k in own[REFERENCE]} if REFERENCE in own else set()
    exposed = int(own[EXPOSED].iloc[0]) if EXPOSED in own else None
    counts = event_counts(seen, options, threshold)
    return Basis((-options.leads, options.lags), tuple(sorted(references)), exposed, counts)


def _same_model(tests: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Which tests are about the first model of `rows`; further readings have the same sample and exposure."""
    own = rows.iloc[0]
    return (tests[list(COLUMNS)] == own[list(COLUMNS)]).all(axis=1)


def _by_threshold(rows: pd.DataFrame) -> Iterator[tuple[float | None, pd.DataFrame]]:
    """Event terms by further threshold of exposure; None for the study's own."""
    if rows.empty:
        return
    events = rows[rows["term"].str.fullmatch(EVENT_TERM)]
    chosen = events["variant"].map(lambda variant: variant_choices(variant).get("threshold", ""))
    for threshold, part in events.groupby(chosen, sort=False):
        yield (float(str(threshold)) if threshold else None), part


def event_counts(seen: Seen, options: Options, threshold: float | None = None) -> dict[int, int] | None:
    """Entities seen at each year since first exposure, the ends binned; None unless pilots' exposure is the treatment.

    `threshold`: the study's own where None. Entities exposed in the first year of the window are left out: no year
    before exposure is known for them.
    """
    from models_py.panel import ENTITY

    rows = seen.rows("smart_exposure").rename(columns={seen.panel.unit.code_column: ENTITY})
    if rows.empty or not isinstance(seen.study.offered.get(options.treatment), exposure.Options):
        return None
    rows = rows[rows["year"].between(*seen.study.years)]
    limit = options.threshold if threshold is None else threshold
    start = rows[rows[options.treatment] > limit].groupby(ENTITY)["year"].min()
    start = start[start > seen.study.years[0]]
    inside = rows[rows[ENTITY].isin(start.index)]
    k = (inside["year"] - inside[ENTITY].map(start)).clip(-options.leads, options.lags)
    counts = inside.assign(k=k).groupby("k")[ENTITY].nunique()
    return dict(zip(counts.index.astype(int).tolist(), counts.astype(int).tolist(), strict=True))


def _of_table(seen: Seen, options: Options, table_no: str) -> pd.DataFrame:
    rows = rows_of_part(seen.rows("estimate"), options.name)
    return rows if rows.empty else rows[rows["table_no"] == table_no]


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and twfe_weight; weights do not depend on the threshold: made once."""

    from models_py.parts.regressions.study_models import headline_models
    from models_py.parts.treatment_timing.evidence import timing_evidence

    spec = work.options
    models = [model.data for model in headline_models(work)]
    made = [timing_evidence(data, spec) for data in models]
    made += [
        timing_evidence(
            replace(data, identity=data.identity.varied(threshold=threshold)),
            spec.model_copy(update={"threshold": threshold}),
            weights=False,
        )
        for threshold in spec.further_thresholds
        for data in models
    ]
    return {name: joined(tables[name] for tables in made if name in tables) for name in PART.makes}


def named(study: Study, options: Options, row: Mapping[str, Any]) -> Text | None:
    """What a row of its tables calls its term."""
    return term_label(study, str(row["term"])) if row["table_no"] in (EVENT_STUDY, STAGGERED) else None


PART = Part(
    summary=Text(
        en="Evidence on timing: event study, bounds on trends, weights, estimators for staggered exposure",
        zh="时点证据：事件研究、平行趋势敏感性、权重、分批暴露估计",
    ),
    needs=("figures", VARIABLES),
    consults=("regressions",),
    makes=("estimate", "spec_test", "twfe_weight"),
    whole=("twfe_weight",),
    compute=compute,
    term_label=named,
    shows=(
        Show(
            "event_study",
            "figure",
            EVENT_STUDY_TITLE,
            event_studies,
            titles=partial(_title, EVENT_STUDY, EVENT_STUDY_TITLE),
            needs=("smart_exposure",),
        ),
        Show(
            "staggered_adoption",
            "figure",
            STAGGERED_TITLE,
            staggered,
            titles=partial(_title, STAGGERED, STAGGERED_TITLE),
        ),
        Show("twfe_weights", "figure", WEIGHTS_TITLE, weights, titles=partial(_title, "twfe_weights", WEIGHTS_TITLE)),
        Show("timing_estimates", "table", ESTIMATES_TITLE, tables, titles=table_titles),
    ),
)
