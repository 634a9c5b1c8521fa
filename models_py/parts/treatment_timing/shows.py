"""What the part shows: event studies, estimators for staggered exposure, weights; and the estimates as tables.

Belongs here: choosing published rows, names of files. Does not belong here: drawing (figure_event_study.py,
figure_weights.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from catalog import Study
from catalog.base import Text
from catalog.parts.treatment_timing import Options
from models_py.figures.names import stem_of
from models_py.parts.frame import Seen

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.show import Picture
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
    from catalog.labels import variable_label
    from models_py.figures.show import Picture
    from models_py.parts.treatment_timing.figure_weights import twfe_weights

    rows = _of_part(seen.rows("twfe_weight"), options)
    if rows.empty:
        return
    term, own = variable_label(seen.study, options.treatment), seen.study.own_reading
    for (table_no, model, reading), part in rows.groupby(["table_no", "model", "reading"], sort=False):
        words = () if reading == own else (str(table_no), str(model), str(reading))
        figure = twfe_weights(part, term, seen.panel, seen.data_kind, own_reading=own)
        yield Picture(stem_of("twfe_weights", options.name, *words), WEIGHTS_TITLE, figure)


def tables(seen: Seen, options: Options) -> Iterator[ReportTable]:
    """The estimates of the event study with the bounds on it, and those of the estimators for staggered exposure."""
    from dataclasses import replace

    from catalog.labels import effect_label
    from models_py.figures.estimates import estimates_table

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
    from catalog.labels import variable_label
    from models_py.parts.treatment_timing.series import TERM

    event = TERM.fullmatch(term)
    if event is None:
        return variable_label(study, term)
    k = event[1].replace("-", "−")
    return Text(zh=f"首次暴露后{k}年", en=f"{k} years since first exposure")


def _picture(seen: Seen, options: Options, rows: pd.DataFrame, threshold: float | None, axis: Axis | None) -> Picture:
    """One figure of event coefficients; `axis` for the event study proper, whose readings stand in one figure."""
    from catalog.labels import variable_label
    from models_py.figures.show import Picture
    from models_py.parts.regressions.models import headline_spec
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
    from catalog.identity import variant_choices
    from models_py.parts.treatment_timing.series import TERM

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
    from catalog.parts import exposure
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
    import pandas as pd

    from catalog.identity import COLUMNS
    from models_py.parts.regressions.models import headline_spec, own_identity

    fits = seen.rows("model_fit")
    if fits.empty:
        return None
    own = pd.Series(own_identity(seen.study, headline_spec(seen.study)).columns)
    found = fits[(fits[list(COLUMNS)] == own).all(axis=1)]
    return int(found["n_obs"].iloc[0]) if len(found) else None


def _of_table(seen: Seen, options: Options, table_no: str) -> pd.DataFrame:
    rows = _of_part(seen.rows("estimate"), options)
    return rows if rows.empty else rows[rows["table_no"] == table_no]


def _of_part(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    """The rows of this part, where it stands twice in the study."""
    from catalog.identity import variant_choices

    if rows.empty:
        return rows
    return rows[[variant_choices(variant).get("part", "") == options.name for variant in rows["variant"]]]
