"""Evidence on timing as a part: under every reading and threshold of the headline's model.

Belongs here: what the part takes, makes and shows: event studies, estimators for staggered exposure, weights, and the
estimates as tables. Does not belong here: drawing (figure_event_study.py, figure_weights.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.identity import variant_choices
from catalog.labels import effect_label, variable_label
from catalog.parts import exposure
from catalog.parts.treatment_timing import Options
from models_py.figures.names import stem_of
from models_py.figures.show import Picture
from models_py.parts.frame import VARIABLES, Part, Seen, Show, Tables, Work
from models_py.parts.regressions.identities import headline_spec, own_identity, rows_of, rows_of_part

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable
    from models_py.parts.treatment_timing.figure_event_study import Axis


# Numbers of the tables, as event_study.py and staggered.py have them.
EVENT_STUDY, STAGGERED = "Event study", "Staggered adoption"
EVENT_STUDY_TITLE = Text(zh="事件研究", en="Event study")
STAGGERED_TITLE = Text(zh="分批暴露的估计方法", en="Estimators for staggered exposure")
WEIGHTS_TITLE = Text(zh="双向固定效应权重", en="Two-way fixed-effects weights")
ESTIMATES_TITLE = Text(zh="估计值", en="estimates")
Titles = Callable[[Study, Options], list[tuple[str, Text]]]


def _titles(*found: tuple[Sequence[str], Text]) -> Titles:
    """Titles known from the options alone: words of the name, then what is shown."""

    def titles(study: Study, options: Options) -> list[tuple[str, Text]]:
        return [(stem_of(*words, options.name), text) for words, text in found]

    return titles


event_study_titles = _titles(((EVENT_STUDY,), EVENT_STUDY_TITLE))
staggered_titles = _titles(((STAGGERED,), STAGGERED_TITLE))
weights_titles = _titles((("twfe_weights",), WEIGHTS_TITLE))
# A figure has the number's own name already.
table_titles = _titles(
    *(
        ((number, "estimates"), Text(zh=f"{text.zh}：{ESTIMATES_TITLE.zh}", en=f"{text.en}: {ESTIMATES_TITLE.en}"))
        for number, text in ((EVENT_STUDY, EVENT_STUDY_TITLE), (STAGGERED, STAGGERED_TITLE))
    )
)


def event_studies(seen: Seen, options: Options) -> Iterator[Picture]:
    """The event study under every reading, one figure for each threshold."""
    for threshold, rows in _by_threshold(_of_table(seen, options, EVENT_STUDY)):
        yield _picture(seen, options, rows, threshold, _axis(seen, options, threshold))


def staggered(seen: Seen, options: Options) -> Iterator[Picture]:
    """Every estimator for staggered exposure, one figure for each threshold and reading."""
    for threshold, rows in _by_threshold(_of_table(seen, options, STAGGERED)):
        for _, part in rows.groupby("reading", sort=False):
            yield _picture(seen, options, part, threshold, None)


def weights(seen: Seen, options: Options) -> Iterator[Picture]:
    """Weights of the headline's coefficient, one figure for each reading."""
    from models_py.parts.treatment_timing.figure_weights import twfe_weights

    rows = rows_of_part(seen.rows("twfe_weight"), options.name)
    if rows.empty:
        return
    term, own = variable_label(seen.study, options.treatment), seen.study.own_reading
    for (table_no, model, reading), part in rows.groupby(["table_no", "model", "reading"], sort=False):
        words = () if reading == own else (str(table_no), str(model), str(reading))
        figure = twfe_weights(part, term, seen.panel, seen.data_kind, own_reading=own)
        yield Picture(stem_of("twfe_weights", options.name, *words), WEIGHTS_TITLE, figure)


def tables(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The estimates of the event study with the bounds on it, and those of the estimators for staggered exposure."""

    from models_py.figures.table import estimates_table

    study = seen.study
    title = Text(zh=f"{study.title.zh}：估计值与推断方法", en=f"{study.title.en}: estimates by method")
    for number, (stem, _) in zip((EVENT_STUDY, STAGGERED), table_titles(study, options), strict=True):
        rows = _of_table(seen, options, number)
        if rows.empty:
            continue
        table = estimates_table(
            rows,
            title,
            term_label=lambda term: term_label(study, term),
            effect_label=lambda effect: effect_label(options.part(), effect),
            own_reading=study.own_reading,
            synthetic=seen.synthetic,
        )
        yield replace(table, stem=stem)


def term_label(study: Study, term: str) -> Text:
    """Years since first exposure for event_<k>; otherwise as the study's variables are called."""
    from models_py.parts.treatment_timing.figure_event_study import TERM

    event = TERM.fullmatch(term)
    if event is None:
        return variable_label(study, term)
    k = event[1].replace("-", "−")
    return Text(zh=f"首次暴露后{k}年", en=f"{k} years since first exposure")


def _picture(seen: Seen, options: Options, rows: pd.DataFrame, threshold: float | None, axis: Axis | None) -> Picture:
    """One figure of event coefficients; `axis` for the event study proper, whose readings stand in one figure."""
    from models_py.parts.treatment_timing.figure_event_study import event_study

    study, own = seen.study, seen.study.own_reading
    figure = event_study(
        rows,
        variable_label(study, headline_spec(study).outcome),
        variable_label(study, options.treatment),
        seen.panel.unit,
        seen.data_kind,
        axis=axis,
        own_reading=own,
        n_obs=_n_obs(seen),
    )
    title = STAGGERED_TITLE if axis is None else EVENT_STUDY_TITLE
    reading = str(rows["reading"].iloc[0])
    words = [str(rows["table_no"].iloc[0]), options.name, reading if axis is None and reading != own else ""]
    if threshold is not None:
        title = Text(zh=f"{title.zh}（暴露度高于{threshold:g}）", en=f"{title.en} (exposure above {threshold:g})")
        words.append(f"above_{threshold:g}")
    return Picture(stem_of(*words), title, figure)


def _by_threshold(rows: pd.DataFrame) -> Iterator[tuple[float | None, pd.DataFrame]]:
    """Event terms by further threshold of exposure; None for the study's own."""
    from models_py.parts.treatment_timing.figure_event_study import TERM

    if rows.empty:
        return
    events = rows[rows["term"].str.fullmatch(TERM)]
    chosen = events["variant"].map(lambda variant: variant_choices(variant).get("threshold", ""))
    for threshold, part in events.groupby(chosen, sort=False):
        yield (float(str(threshold)) if threshold else None), part


def _axis(seen: Seen, options: Options, threshold: float | None) -> Axis:
    """Only the event study proper leaves a year out and bins its ends."""
    from models_py.parts.treatment_timing.figure_event_study import Axis

    return Axis(reference=-1, ends=(-options.leads, options.lags), counts=event_counts(seen, options, threshold))


def event_counts(seen: Seen, options: Options, threshold: float | None = None) -> dict[int, int] | None:
    """Entities seen at each year since first exposure, the ends binned; None unless pilots' exposure is the treatment.

    `threshold`: the study's own where None. Entities exposed in the first year of the window are left out: no year
    before exposure is known of them.
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


def _n_obs(seen: Seen) -> int | None:
    """Observations of the headline's model, whose rows the others start from; None where its fit is not published."""

    found = rows_of(seen.rows("model_fit"), own_identity(seen.study, headline_spec(seen.study)))
    return int(found["n_obs"].iloc[0]) if len(found) else None


def _of_table(seen: Seen, options: Options, table_no: str) -> pd.DataFrame:

    rows = rows_of_part(seen.rows("estimate"), options.name)
    return rows if rows.empty else rows[rows["table_no"] == table_no]


def compute(work: Work) -> Tables:
    """Shares of estimate and spec_test, and twfe_weight; weights do not depend on the threshold: once each."""

    from models_py.parts.regressions.study_models import headline_models
    from models_py.parts.rows import joined
    from models_py.parts.treatment_timing.evidence import timing_evidence

    spec = work.options
    models = [model.data for model in headline_models(work)]
    made = [timing_evidence(data, spec) for data in models]
    further = [
        timing_evidence(
            replace(data, identity=data.identity.varied(threshold=threshold)),
            spec.model_copy(update={"threshold": threshold}),
            weights=False,
        )
        for threshold in spec.further_thresholds
        for data in models
    ]
    return {
        "estimate": joined(item.estimate for item in [*made, *further]),
        "spec_test": joined(item.spec_test for item in [*made, *further]),
        "twfe_weight": joined(item.twfe_weight for item in made),
    }


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
    shows=(
        Show(
            "event_study",
            "figure",
            EVENT_STUDY_TITLE,
            event_studies,
            titles=event_study_titles,
            needs=("smart_exposure",),
        ),
        Show("staggered_adoption", "figure", STAGGERED_TITLE, staggered, titles=staggered_titles),
        Show("twfe_weights", "figure", WEIGHTS_TITLE, weights, titles=weights_titles),
        Show("timing_estimates", "table", ESTIMATES_TITLE, tables, titles=table_titles),
    ),
)
