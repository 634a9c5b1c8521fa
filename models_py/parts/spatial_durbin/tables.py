"""The printed tables of spatial models: tests, effects, regions, comparison, readings in words.

Belongs here: rows, headers and notes. Does not belong here: sentences (words.py), computing (fits.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.identity import ALL, COLUMNS, variant_choices
from catalog.labels import effect_label, label_of, load_labels, test_label, weights_label
from catalog.parts.spatial_durbin import Options
from models_py.figures.names import number_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number, p_number, stars
from models_py.parts.findings import both
from models_py.parts.spatial_durbin.titles import TITLES, stem
from models_py.parts.spatial_durbin.words import Names, dependence_words, effect_words, not_shown

KINDS, LONG_KINDS = ("coef", "direct", "indirect", "total"), ("long_direct", "long_indirect", "long_total")
_STARS = both(
    "In brackets: standard errors; * p < 0.10, ** p < 0.05, *** p < 0.01. Associations, not effects in the "
    "causal sense.",
    "括号内为标准误；* p < 0.10，** p < 0.05，*** p < 0.01。结果为关联，“效应”非因果意义。",
)
_SIMULATED = both(
    "Errors of effects by simulation; by the delta method in table estimate.",
    "效应标准误用模拟法，delta法见数据表 estimate。",
)
_ORDER = ("moran_pooled", "lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error")
_NESTED = ("lr_sar", "lr_sem", "wald_sar", "wald_sem", "lr_time_effects", "lr_entity_effects", "mundlak")


def tests_table(tests: pd.DataFrame, options: Options, synthetic: bool) -> ReportTable | None:
    """Table 6: tests down; those on models without space for every choice of effects across, others under the first."""
    own = tests[(tests["weights"] == options.weights[0]) & (tests["estimator"] == options.models[0])]
    own = own[(own["sample"] == ALL) & (own["table_no"] == options.tables.tests)]
    if own.empty:
        return None
    held: dict[tuple[str, str], dict[Any, Any]] = {}
    for row in own.to_dict("records"):
        choices = {key: value for key, value in variant_choices(row["variant"]).items() if key != "part"}
        effects = choices.pop("effects", options.effects[0])
        if not choices:
            held[row["test"], effects] = row
    body = [
        Row(test_label(test), tuple(_tested(held.get((test, one))) for one in options.effects), block)
        for block, names in enumerate((_ORDER, _NESTED))
        for test in names
        if any((test, one) in held for one in options.effects)
    ]
    header = tuple(_effects_label(one) for one in options.effects)
    notes = (
        both(
            f"Weights: {weights_label(options.weights[0]).en}. In brackets: p-values. Moran's I is printed as its z, "
            "which has no upper bound of 1. LM lag + robust LM error = LM error + robust LM lag in every column. "
            "Likelihood ratios of effects without bias correction; Mundlak: Wald, clustered, effects of years.",
            f"权重：{weights_label(options.weights[0]).zh}。括号内为p值。莫兰指数以z值列示，可大于1。各列均满足"
            "LM-lag＋稳健LM-error＝LM-error＋稳健LM-lag。效应LR检验未作偏误校正；Mundlak为聚类Wald检验，含时间效应。",
        ),
    )
    number_ = number_of(options.tables.tests)
    return ReportTable(
        stem(options, "tests"), TITLES["tests"], (header,), tuple(body), notes, synthetic, number=number_
    )


def _effects_label(effects: str) -> Text:
    option = load_labels().options["effects"].get(effects, both(effects, effects))
    return both(f"Effects {option.en}", f"{option.zh}效应")


def _tested(row: dict[Any, Any] | None) -> Cell:
    if row is None or pd.isna(row["statistic"]):
        return NOTHING
    return f"{number(row['statistic'])}{stars(row['p_value'])}\n({p_number(row['p_value'])})"


def estimates_table(
    rows: pd.DataFrame, fits: pd.DataFrame, names: Names, options: Options, synthetic: bool
) -> ReportTable:
    """Table 7: terms down; coefficient, lag's coefficient, direct, indirect, total across."""
    own = _own(rows, options)
    body = [_dependence(own, term, names) for term in ("rho", "lambda") if (own["term"] == term).any()]
    body += [
        Row(
            names.label(term), (_cell(own, term), _cell(own, f"W_{term}"), *(_cell(own, term, e) for e in KINDS[1:])), 1
        )
        for term in options.regressors
    ]
    body += [
        Row(names.label(term), (_cell(own, term), NOTHING, NOTHING, NOTHING, NOTHING), 2)
        for term in own["term"].unique()
        if str(term).startswith("lag_")
    ]
    header = (both("Coefficient", "系数"), both("of W × it", "W×的系数"), *(_effect(e) for e in KINDS[1:]))
    notes = (_STARS, _SIMULATED, _outcome_note(names), _fit_note(_own(fits, options), options))
    return ReportTable(
        stem(options, "estimates"), TITLES["estimates"], (header,), tuple(body), notes, synthetic,
        number=number_of(options.tables.estimates),
    )  # fmt: skip


def _dependence(own: pd.DataFrame, term: str, names: Names) -> Row:
    return Row(names.label(term), (_cell(own, term), *[NOTHING] * 4))


def regions_table(
    rows: pd.DataFrame, tests: pd.DataFrame, names: Names, options: Options, synthetic: bool
) -> ReportTable | None:
    """Table 8: effects down, regions across, with rho, components and what could not be estimated."""
    here = rows[(rows["table_no"] == options.tables.regions) & (rows["variant"].map(_plain) == "")]
    told = tests[(tests["table_no"] == options.tables.regions) & (tests["variant"].map(_plain) == "")]
    regions = list(dict.fromkeys([*told["sample"], *here["sample"]]))
    if not regions:
        return None
    parts = {region: here[here["sample"] == region] for region in regions}
    body = [Row(both("rho", "ρ"), tuple(_cell(parts[region], "rho") for region in regions))]
    for block, kind in enumerate(KINDS[1:], start=1):
        for term in options.regressors:
            label = names.label(term)
            named = both(f"{label.en}, {_effect(kind).en}", f"{label.zh}（{_effect(kind).zh}）")
            body.append(Row(named, tuple(_cell(parts[region], term, kind) for region in regions), block))
    counts = {row["sample"]: row["statistic"] for row in told[told["test"] == "components"].to_dict("records")}
    body.append(Row(test_label("components"), tuple(number(counts.get(region), 0) for region in regions), 4))
    body.append(
        Row(
            both("Observations", "观测数"),
            tuple(NOTHING if parts[one].empty else str(int(parts[one]["n_obs"].iloc[0])) for one in regions),
            4,
        )
    )
    refused = told[told["test"] == "not_estimable"]
    notes = (
        _STARS,
        both(
            "Weights among the places of a region, rows brought to sum 1 again: each region has its own W, so that "
            "rho and indirect effects cannot be compared between regions.",
            "权重取地区内部并重新行标准化；各地区W不同，ρ与间接效应不可跨地区比较。",
        ),
        *(
            both(f"{row['sample']}: {row['note_en']}", f"{row['sample']}：{row['note_zh']}")
            for row in refused.to_dict("records")
        ),
    )
    header = tuple(load_labels().sample(region) for region in regions)
    return ReportTable(
        stem(options, "regions"), TITLES["regions"], (header,), tuple(body), notes, synthetic,
        number=number_of(options.tables.regions),
    )  # fmt: skip


def compared_table(
    rows: pd.DataFrame, fits: pd.DataFrame, names: Names, options: Options, synthetic: bool
) -> ReportTable:
    """One row for each model fitted on all places: rho or lambda, total effects, log-likelihood, AIC."""
    body = []
    for fit in fits[fits["table_no"] == options.tables.estimates].to_dict("records"):
        own = rows[(rows[list(COLUMNS)] == [fit[name] for name in COLUMNS]).all(axis=1)]
        label = label_of({**_named(fit), "variant": _plain(fit["variant"])}, model=both("", ""))
        totals = [_cell(own, term, "total") for term in options.regressors]
        figures = (number(fit["log_likelihood"], 2), number(fit["aic"], 2))
        body.append(Row(label, (_cell(own, "rho"), _cell(own, "lambda"), *totals, *figures)))
    header = (
        both("rho", "ρ"),
        both("lambda", "λ"),
        *(both(f"Total: {names.label(one).en}", f"总效应：{names.label(one).zh}") for one in options.regressors),
        both("Log-likelihood", "对数似然"),
        both("AIC", "AIC"),
    )
    notes = (
        _STARS,
        _outcome_note(names),
        both(
            "Likelihoods compare only among models with the same effects, correction and sample.",
            "似然值仅在效应、校正与样本相同的模型间可比。",
        ),
    )
    return ReportTable(stem(options, "compared"), TITLES["compared"], (header,), tuple(body), notes, synthetic)


def dynamic_table(rows: pd.DataFrame, names: Names, options: Options, synthetic: bool) -> ReportTable | None:
    """Effects of the same period and of the long run, for every dynamic form asked for."""
    body, kinds = [], (*KINDS[1:], *LONG_KINDS)
    for block, form in enumerate(options.dynamic):
        own = rows[(rows["table_no"] == options.tables.estimates) & (rows["variant"].map(_plain) == f"dynamic={form}")]
        label = load_labels().options["dynamic"][form]
        lags = [term for term in own["term"].unique() if str(term).startswith("lag_")]
        shown = [(names.label(term), (_cell(own, term), *[NOTHING] * 6)) for term in ("rho", *lags)]
        shown += [
            (names.label(one), (_cell(own, one), *(_cell(own, one, e) for e in kinds))) for one in options.regressors
        ]
        if len(own):
            body += [
                Row(both(f"{label.en}: {name.en}", f"{label.zh}：{name.zh}"), cells, block) for name, cells in shown
            ]
    if not body:
        return None
    header = (both("Coefficient", "系数"), *(_effect(kind) for kind in kinds))
    notes = (
        _STARS,
        both(
            "Long run: what is reached if a change stays; not given where the estimates do not return to one. With "
            "effects of entities a bias of order 1/T is left.",
            "长期：变动持续时的最终值；估计值不收敛时不给出。含个体效应时仍有1/T阶偏误。",
        ),
        _outcome_note(names),
    )
    return ReportTable(stem(options, "dynamic"), TITLES["dynamic"], (header,), tuple(body), notes, synthetic)


def words_table(rows: pd.DataFrame, names: Names, options: Options, synthetic: bool) -> ReportTable:
    """Every estimate of the study's own model in words: what it says, what it does not show."""
    own = _own(rows, options)
    body = []
    for row in map(_named, own[own["method"] != "delta"].to_dict("records")):
        effect = row["effect"] != "coef"
        said = effect_words(names, row) if effect else dependence_words(names, row)
        label = names.label(str(row["term"]))
        name = both(f"{label.en}, {_effect(row['effect']).en}", f"{label.zh}（{_effect(row['effect']).zh}）")
        body.append(Row(name, (said, not_shown(row)), KINDS.index(row["effect"])))
    header = (both("What it says", "说明什么"), both("What it does not show", "不能说明什么"))
    return ReportTable(
        stem(options, "words"), TITLES["words"], (header,), tuple(body), (_outcome_note(names),), synthetic, (0, 1)
    )


def tests_words_table(tests: pd.DataFrame, options: Options, synthetic: bool) -> ReportTable:
    """Every test and diagnostic in words, with the models, effects, weights and samples it is true of."""
    body: list[Row] = []
    for block, (test, rows) in enumerate(tests.groupby("test", sort=False)):
        for (en, zh), alike in rows.groupby(["note_en", "note_zh"], sort=False):
            about = [
                label_of({**_named(row), "variant": _plain(row["variant"])}, model=both("", ""))
                for row in alike.to_dict("records")
            ]
            # In another language two labels may be alike.
            told = both(
                "; ".join(dict.fromkeys(one.en for one in about)), "；".join(dict.fromkeys(one.zh for one in about))
            )
            body.append(Row(test_label(str(test)), (told, both(str(en), str(zh))), block))
    header = (both("Models, weights, samples", "模型、权重、样本"), both("Reading", "读法"))
    return ReportTable(
        stem(options, "tests_words"), TITLES["tests_words"], (header,), tuple(body), (), synthetic, (0, 1)
    )


def _named(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _plain(variant: str) -> str:
    """A variant without the name of a part that stands twice."""
    return ", ".join(one for one in variant.split(", ") if one and not one.startswith("part="))


def _own(rows: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Rows of the study's own model."""
    own = (rows["table_no"] == options.tables.estimates) & (rows["weights"] == options.weights[0])
    own &= (rows["estimator"] == options.models[0]) & (rows["sample"] == ALL) & (rows["variant"].map(_plain) == "")
    return rows[own]


def _cell(rows: pd.DataFrame, term: str, effect: str = "coef") -> Cell:
    found = rows[(rows["term"] == term) & (rows["effect"] == effect) & (rows["method"] != "delta")]
    if found.empty:
        return NOTHING
    row = found.iloc[0]
    return f"{number(row['estimate'], 4)}{stars(row['p_value'])}\n({number(row['std_error'], 4)})"


def _effect(effect: str) -> Text:
    return effect_label("spatial_durbin", effect)


def _outcome_note(names: Names) -> Text:
    outcome = names.of_outcome
    if names.outcome not in names.study.offered:
        return both(f"Outcome: {outcome.en}.", f"因变量：{outcome.zh}。")
    return both(
        f"Outcome: {outcome.en}, generated by another part, not observed: no error here counts what its making adds.",
        f"因变量：{outcome.zh}，由本研究其他部分生成而非观测所得，标准误未计入其构造的不确定性。",
    )


def _fit_note(fits: pd.DataFrame, options: Options) -> Text:
    row = fits.iloc[0]
    weights = weights_label(options.weights[0])
    shown: Sequence[str] = (number(row["r2"]), number(row["r2_within"]), number(row["log_likelihood"], 2))
    return both(
        f"Weights: {weights.en}. N = {row['n_obs']}, R2 {shown[0]}, after the effects {shown[1]}, log-likelihood "
        f"{shown[2]}, AIC {number(row['aic'], 2)}, BIC {number(row['bic'], 2)}. {row['note_en']}",
        f"权重：{weights.zh}。N＝{row['n_obs']}，R²＝{shown[0]}，去效应后{shown[1]}，对数似然{shown[2]}，"
        f"AIC {number(row['aic'], 2)}，BIC {number(row['bic'], 2)}。{row['note_zh']}",
    )
