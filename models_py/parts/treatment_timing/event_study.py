"""When each entity is first exposed, and the event study around it: coefficients of the years before and after.

Belongs here: the year of first exposure and how many entities begin when; event-time indicators, their joint estimate,
the joint test of the leads. Does not belong here: bounds on departures from parallel trends (honest.py), estimators for
staggered exposure (staggered.py).
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from catalog.base import Text, refuse
from catalog.labels import year_words
from catalog.parts.treatment_timing import Options
from models_py.econometrics.least_squares import identified_regressors
from models_py.econometrics.model_data import ENTITY, ModelData
from models_py.econometrics.result import CI_LEVEL, FEWEST_ENTITIES, EstimationError, FitResult
from models_py.panel import lacking
from models_py.parts.rows import as_table, note, of_model, together

COHORT, ALWAYS, NEVER, UNKNOWN = "cohort", "always", "never", "unknown"


def first_exposure(frame: pd.DataFrame, treatment: str, threshold: float = 0.0) -> pd.DataFrame:
    """The first year in which each entity's `treatment` exceeds `threshold` (in the units of `treatment`).

    `frame` has entity_code, year and `treatment`, one row per entity and year. Returns one row per entity, indexed by
    entity_code: `status`, `first_year` (NaN unless exposed), `pre_years` (years observed before it) and `fell_back`
    (years after it at or below the threshold). `status` is cohort (exposed from a year before which it is seen
    unexposed), always (exposed in its first year: nothing is known of the years before), never, or unknown (an empty
    cell before any exposure leaves the year open).

    Exposure counts as lasting once begun; years that fall back are only reported. Raises EstimationError for a column
    that is absent, an infinite value and a row that occurs twice.
    """
    refuse(
        ([repr(name) for name in lacking(frame, [ENTITY, "year", treatment])], "columns absent from the data: {}"),
        error=EstimationError,
    )
    values = frame[treatment].to_numpy(dtype="float64", na_value=np.nan)
    infinite = int(np.isinf(values).sum())
    refuse(
        (
            frame.duplicated([ENTITY, "year"]).any(),
            "rows of an entity and year that occur twice: first exposure is not defined",
        ),
        (infinite, f"the column {treatment!r} is infinite in {infinite} rows"),
        error=EstimationError,
    )
    ordered = frame[[ENTITY, "year"]].assign(value=values).sort_values([ENTITY, "year"])
    rows = {code: _entity(rows, threshold) for code, rows in ordered.groupby(ENTITY)}
    adoption = pd.DataFrame.from_dict(rows, orient="index", columns=["status", "first_year", "pre_years", "fell_back"])
    return adoption.rename_axis(index=ENTITY)


def _entity(rows: pd.DataFrame, threshold: float) -> tuple[str, float, float, tuple[int, ...]]:
    years, values = rows["year"].to_numpy(), rows["value"].to_numpy()
    exposed = values > threshold
    start = int(exposed.argmax()) if exposed.any() else len(values)
    if np.isnan(values[:start]).any():
        return UNKNOWN, np.nan, np.nan, ()
    if start == len(values):
        return NEVER, np.nan, float(start), ()
    after = values[start:] <= threshold
    return COHORT if start else ALWAYS, float(years[start]), float(start), tuple(years[start:][after].tolist())


def codes(adoption: pd.DataFrame, *statuses: str) -> list[int]:
    """Entities with one of the statuses, in order."""
    return [int(code) for code in adoption.index[adoption["status"].isin(statuses)]]


def adoption_tests(adoption: pd.DataFrame, data: ModelData, treatment: str, threshold: float) -> list[dict[str, Any]]:
    """Rows of `spec_test`: how many entities are exposed from when, how many years each is seen before, and who."""
    panel, unit_zh = data.panel, data.panel.unit.one.zh
    rule = f"Exposed from the first year in which {treatment} > {threshold:g}; lasting once begun."
    rule_zh = f"首次暴露为{treatment}大于{threshold:g}的首年，此后视为持续暴露。"
    always, never, unknown = (codes(adoption, status) for status in (ALWAYS, NEVER, UNKNOWN))
    back = adoption["fell_back"][adoption["fell_back"].map(len) > 0]
    fell = [(panel.called([code]), ", ".join(map(str, back[code]))) for code in map(int, back.index)]
    listed = "; ".join(f"{who.en} {years}" for who, years in fell) or "-"
    listed_zh = "；".join(f"{who.zh} {years}" for who, years in fell) or "-"
    rows = [
        (
            "exposed from the first year",
            "",
            len(always),
            f"No year before exposure, so no evidence on trends before it: {panel.called(always).en}.",
            f"样本首年已暴露、无暴露前年份的{unit_zh}：{panel.called(always).zh}。",
        ),
        (
            "never exposed",
            "",
            len(never),
            f"The comparison group that is never exposed: {panel.called(never).en}.",
            f"从未暴露的{unit_zh}：{panel.called(never).zh}。",
        ),
        (
            "exposure falls back",
            "",
            len(fell),
            f"Years after first exposure at or below the threshold: {listed}.",
            f"首次暴露后又回落至阈值及以下：{listed_zh}。",
        ),
    ]
    if unknown:
        rows.append(
            (
                "unknown first exposure",
                "",
                len(unknown),
                f"An empty cell of {treatment} before any exposure; left out: {panel.called(unknown).en}.",
                f"首次暴露前{treatment}有缺失，剔除：{panel.called(unknown).zh}。",
            )
        )
    cohorts = adoption[adoption["status"] == COHORT]
    for first, members in cohorts.groupby(cohorts["first_year"].astype(int)):
        year, least, most = str(first), int(members["pre_years"].min()), int(members["pre_years"].max())
        span, span_zh = (str(least) if least == most else f"{least}{to}{most}" for to in (" to ", "至"))
        who = panel.called(map(int, members.index))
        rows += [
            (
                "first exposed",
                year,
                len(members),
                f"First exposed in {year}, each seen {span} year(s) before: {who.en}.",
                f"{year}年首次暴露，暴露前可观测{span_zh}年：{who.zh}。",
            ),
            (
                "years before exposure",
                year,
                least,
                f"Fewest years any of those first exposed in {year} is seen before exposure.",
                f"{year}年首次暴露者，组内暴露前可观测年数的最小值。",
            ),
        ]
    return [
        data.named(test=test, subject=subject, statistic=value, **note(f"{en} {rule}", f"{zh}{rule_zh}"))
        for test, subject, value, en, zh in rows
    ]


# For each event term: years relative to first exposure that it covers, and entities seen there.
Covers = dict[str, tuple[tuple[int, ...], int]]
TESTS = ("pre-trend F", "pre-trend chi2", "pre-trend smallest detectable lead")


def pre_trend_tests(data: ModelData, joint: FitResult, covers: Covers, power: float) -> list[dict[str, Any]]:
    """Rows of `spec_test`: the Wald test that all leads are zero, and the lead the design could have found.

    F = W/q with (q, clusters - 1) degrees of freedom and chi2 = W with q, W = b' V^-1 b with the CR1 covariance V of
    the q leads. Smallest detectable lead: (t quantile of the test + t quantile of the `power`) x the smallest standard
    error (the usual normal-theory power formula, with t). Empty where no lead is identified or V is singular.
    """
    from scipy.special import chdtrc, fdtrc, stdtrit

    seen = {name: covers[name][1] for name in covers if name.startswith("event_-")}
    leads = [name for name, entities in seen.items() if entities >= FEWEST_ENTITIES]
    if not leads:
        return [data.named(test=test, subject="", **_untested(data, seen)) for test in TESTS]
    beta, cov = joint.subset(leads)
    q = len(leads)
    se = np.sqrt(np.diag(cov))
    detectable = float((stdtrit(joint.df, 0.5 + CI_LEVEL / 2) + stdtrit(joint.df, power)) * se.min())
    none = Text(en="The covariance of the leads is singular: too few clusters.", zh="前置系数协方差奇异：聚类过少。")
    found: list[tuple[list[Text], dict[str, float]]] = [([none], {}), ([none], {})]
    # A covariance from few clusters can be singular: then no joint test exists.
    scale = se if (se > 0).all() else np.ones(q)
    if np.linalg.matrix_rank(cov / np.outer(scale, scale), tol=1e-8) == q:
        wald = float(beta @ np.linalg.solve(cov, beta))
        how = Text(
            en=f"All {q} lead(s) zero, Wald with the CR1 covariance: F({q}, {joint.df:g}), that is clusters less one.",
            zh=f"全部{q}个前置系数为零的Wald检验（CR1协方差）：F({q}, {joint.df:g})，分母自由度为聚类数减一。",
        )
        asymptotic = Text(
            en=f"The same Wald statistic read as chi2({q}), too often significant with {joint.df + 1:g} clusters.",
            zh=f"同一Wald统计量按chi2({q})判断；聚类仅{joint.df + 1:g}个时过度拒绝。",
        )
        found = [
            ([how], {"statistic": wald / q, "df": joint.df, "p_value": float(fdtrc(q, joint.df, wald / q))}),
            ([asymptotic], {"statistic": wald, "df": q, "p_value": float(chdtrc(q, wald))}),
        ]
    weak, smallest = _weak(data, seen, q, detectable, power), {"statistic": detectable, "df": joint.df}
    rows = zip(TESTS, [*found, ([], smallest)], strict=True)
    remarks = [(test, columns, together([*words, weak])) for test, (words, columns) in rows]
    return [data.named(test=test, subject="", **columns, **note(said.en, said.zh)) for test, columns, said in remarks]


def _untested(data: ModelData, seen: dict[str, int]) -> dict[str, str]:
    """Why nothing can be tested. `seen`: entities behind each lead."""
    unit = data.panel.unit
    why = f"no {unit.one.en} is seen two years or more before first exposure"
    why_zh = f"无{unit.one.zh}在首次暴露前可观测两年及以上"
    if seen:
        leads = [year_words(name) for name in seen]
        why = (
            f"{', '.join(lead.en for lead in leads)} rests on a single {unit.one.en}, whose own noise no clustered "
            "standard error contains"
        )
        why_zh = f"{'、'.join(lead.zh for lead in leads)}仅依赖一个{unit.one.zh}，聚类标准误不含其自身噪声"
    return note(
        f"Not tested: {why}. These data cannot speak about trends before exposure.",
        f"未检验：{why_zh}，数据无法检验暴露前趋势。",
    )


def _weak(data: ModelData, seen: dict[str, int], q: int, detectable: float, power: float) -> Text:
    """How much a non-rejection is worth."""
    panel, unit = data.panel, data.panel.unit
    behind = ", ".join(f"{year_words(name).en} rests on {panel.count(number)}" for name, number in seen.items())
    behind_zh = "，".join(f"{year_words(name).zh}依赖{number}个{unit.one.zh}" for name, number in seen.items())
    return Text(
        en=f"{q} lead(s) tested: {behind}. Not rejecting is weak evidence: a lead had to reach {detectable:.4g} (units "
        f"of the outcome) to be found with power {power:g} at {1 - CI_LEVEL:.0%}, and with a standard error from "
        f"so few {unit.many.en} even that is optimistic (Roth 2022).",
        zh=f"前置期{q}个：{behind_zh}。不拒绝只是弱证据：前置系数须达{detectable:.4g}（结果变量单位）才能以{power:g}"
        f"的功效被发现，且{unit.one.zh}过少时标准误偏小，该值仍偏乐观。",
    )


TABLE_NO = "Event study"
# Tests: a year that is zero by construction; entities seen before and after first exposure.
REFERENCE, EXPOSED = "event study reference", "event study exposed"


@dataclass(frozen=True)
class EventStudy:
    """An event study.

    `data`: the model, under the identity of the event study. `estimate` and `spec_test`: rows of those tables. `joint`:
    coefficients and covariance of all regressors, None where nothing could be estimated. `covers`: for each estimated
    event term, years relative to first exposure (one, or several where binned) and the number of entities seen in
    them. `references`: years from first exposure that are zero by construction. `adoption`: see `first_exposure`.
    """

    data: ModelData
    estimate: pd.DataFrame
    spec_test: pd.DataFrame
    joint: FitResult | None
    covers: Covers
    references: tuple[int, ...]
    adoption: pd.DataFrame


def event_study(data: ModelData, options: Options) -> EventStudy:
    """Two-way fixed effects of the outcome on indicators of the years from first exposure: associations, not effects.

    Indicators event_-L ... event_-2, event_0 ... event_K for L = options.leads, K = options.lags; both ends are binned
    (everything at or beyond them). The reference is the year before first exposure if any entity is seen in it, and
    every year the effects absorb: a row of `spec_test` each. The model's other regressors, effects and trends are kept;
    the treatment is replaced by the indicators. Entities already exposed in their first year, and those whose first
    exposure is unknown, are left out and counted: nothing is seen of them before. Years that no entity is seen in, or
    that the effects absorb, are left out and named. CR1 clustered by entity, t with G - 1 degrees of freedom; none for
    a term that rests on a single entity. Nothing is random.

    Raises EstimationError when the treatment is not a regressor of the model; what the data do not identify is said in
    `spec_test` instead.
    """
    refuse(
        (
            options.treatment not in data.regressors,
            f"{data.identity.place}: the treatment {options.treatment!r} is not a regressor",
        ),
        error=EstimationError,
    )
    adoption = first_exposure(data.frame, options.treatment, options.threshold)
    data = replace(data, identity=replace(data.identity, table_no=TABLE_NO))
    out = codes(adoption, ALWAYS, UNKNOWN)
    try:
        events = _with_events(data, options, adoption, out)
        joint = events.model.fit()
    except EstimationError as error:
        row = data.named(test="event study", subject="", **note(f"Not estimated: {error}.", f"无法估计：{error}。"))
        return EventStudy(data, as_table([], "estimate"), as_table([row], "spec_test"), None, {}, (), adoption)
    covers = events.covers
    estimates = joint.estimates.set_index("term", drop=False).loc[list(covers)]
    alone = [name for name, (_, entities) in covers.items() if entities < FEWEST_ENTITIES]
    estimates.loc[alone, ["std_error", "statistic", "p_value", "ci_low", "ci_high", "ci_level", "df"]] = np.nan
    tests = [
        *_sample_rows(data, joint, out, events),
        *_basis_rows(data, events),
        *pre_trend_tests(data, joint, covers, options.power),
    ]
    rows = as_table(estimates.assign(**data.identity.columns).to_dict("records"), "estimate")
    rows = of_model(rows, data, int(joint.fit["n_obs"]))
    return EventStudy(data, rows, as_table(tests, "spec_test"), joint, covers, events.references, adoption)


@dataclass(frozen=True)
class _Events:
    """`model`: with the indicators as regressors; `covers` as in EventStudy; `omitted`: why a term is not in it;
    `references`: years from first exposure that are zero by construction; `exposed`: entities with complete rows both
    before and after first exposure.
    """

    model: ModelData
    covers: Covers
    omitted: dict[str, str]
    references: tuple[int, ...]
    exposed: tuple[int, ...]


def _with_events(data: ModelData, options: Options, adoption: pd.DataFrame, out: list[int]) -> _Events:
    refuse(
        (not codes(adoption, COHORT), f"no {data.panel.unit.one.en} is seen both before and after first exposure"),
        error=EstimationError,
    )
    frame = data.frame[~data.frame[ENTITY].isin(out)].reset_index(drop=True)
    controls = tuple(name for name in data.regressors if name != options.treatment)
    complete = frame[[data.outcome, *controls]].notna().all(axis=1).to_numpy()
    # NaN for an entity that is never exposed; both ends are binned.
    years = (frame["year"] - frame[ENTITY].map(adoption["first_year"])).to_numpy(dtype="float64")
    binned = years.clip(-options.leads, options.lags)
    columns, covers, omitted = {}, {}, {}
    # Lags first and leads outwards: what the effects absorb is then the lead furthest from exposure.
    for event in (*range(options.lags + 1), *range(-2, -options.leads - 1, -1)):
        seen, name = (binned == event) & complete, f"event_{event}"
        if seen.any():
            columns[name] = (binned == event).astype(float)
            covers[name] = (tuple(np.unique(years[seen]).astype(int).tolist()), frame.loc[seen, ENTITY].nunique())
        else:
            omitted[name] = f"no {data.panel.unit.one.en} is seen there"
    events = replace(data, frame=frame.assign(**columns), regressors=(*controls, *columns))
    identified = identified_regressors(events.sample, events.trends)
    absorbed = [name for name in columns if name not in identified]
    omitted |= dict.fromkeys(absorbed, "the effects absorb it")
    kept = tuple(name for name in events.regressors if name not in omitted)
    covers = {name: covers[name] for name in sorted(identified & {*covers}, key=lambda name: covers[name][0])}
    refuse((not covers, "no year around first exposure is identified"), error=EstimationError)
    references = [-1] * bool(((binned == -1) & complete).any()) + [_year_of(name) for name in absorbed]
    sides = [set(frame.loc[complete & side, ENTITY]) for side in (years < 0, years >= 0)]
    exposed = tuple(sorted(int(code) for code in sides[0] & sides[1]))
    return _Events(replace(events, regressors=kept), covers, omitted, tuple(sorted(references)), exposed)


def _year_of(term: str) -> int:
    return int(term.removeprefix("event_"))


def _basis_rows(data: ModelData, events: _Events) -> list[dict[str, Any]]:
    """Which years are the reference, and which entities are seen before and after first exposure."""
    unit, many = data.panel.unit, len(events.exposed)
    rows = [
        data.named(test=REFERENCE, subject=f"event_{k}", statistic=k, **note(*_why_reference(k, unit.one.en)))
        for k in events.references
    ]
    who = data.panel.called(events.exposed)
    words = note(
        f"{unit.many.en.capitalize()} seen before and after first exposure, on which the event study rests: {who.en}.",
        f"首次暴露前后均可观测、事件研究所依据的{unit.one.zh}：{who.zh}。",
    )
    return [*rows, data.named(test=EXPOSED, subject="", statistic=many, **words)]


def _why_reference(k: int, unit: str) -> tuple[str, str]:
    """Why a year is zero by construction."""
    if k == -1:
        return "The year before first exposure, left out of the regressors.", "首次暴露前一年，不入回归。"
    return (
        f"The effects absorb it: no {unit} is seen in a year that would set it apart, or too few are.",
        "被固定效应吸收：可观测年份不足以将其与固定效应分开。",
    )


def _sample_rows(data: ModelData, joint: FitResult, out: list[int], events: _Events) -> list[dict[str, Any]]:
    """The basis of the event study, and the terms it leaves out, if any."""
    covers, omitted = events.covers, events.omitted
    reference = ", ".join(map(str, events.references))
    fit, panel, unit = joint.fit, data.panel, data.panel.unit
    binned = [f"{year_words(name).en} = years {min(s)} to {max(s)}" for name, (s, _) in covers.items() if len(s) > 1]
    seen = ", ".join(f"{year_words(name).en}: {count}" for name, (_, count) in covers.items())
    words = note(
        f"Clusters ({unit.many.en}) of the event study. {fit['n_obs']} rows, {fit['n_dropped']} dropped for empty "
        f"cells; {panel.count(len(out))} left out, exposed from the first year or unknown: {panel.called(out).en}. "
        f"Reference, in years from first exposure: {reference}. Binned: {'; '.join(binned) or '-'}. "
        f"{unit.many.en.capitalize()} behind each term: {seen}. CR1, t with {joint.df:g} degrees of freedom: too small "
        f"where a term rests on few {unit.many.en}, not given where it rests on one. Two-way fixed effects, which mix "
        "comparisons when associations differ between cohorts; an association, not an effect. Seed: none.",
        f"事件研究的聚类（{unit.one.zh}）数。{fit['n_obs']}行，因缺失剔除{fit['n_dropped']}行；首年已暴露或首次暴露不明而剔除"
        f"{len(out)}个{unit.one.zh}。参照期（距首次暴露年数）：{reference}；两端合并。标准误CR1，t分布自由度{joint.df:g}；{unit.one.zh}少时偏小，"
        f"仅一个{unit.one.zh}时不给出。结果为关联，非因果效应。无随机数。",
    )
    reasons = "; ".join(f"{year_words(name).en}: {reason}" for name, reason in omitted.items())
    lost = note(
        f"Event terms left out. {reasons}.",
        f"未能识别而略去的事件期：{'、'.join(year_words(name).zh for name in omitted)}。",
    )
    rows = [
        data.named(test="event study clusters", subject="", statistic=fit["n_clusters"], **words),
        data.named(test="event terms left out", subject="", statistic=len(omitted), **lost),
    ]
    return rows if omitted else rows[:1]
