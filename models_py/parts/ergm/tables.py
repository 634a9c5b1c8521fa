"""The printed tables of network models: models side by side, odds and probabilities, other treatments, networks, words.

Belongs here: rows, headers and notes. Does not belong here: sentences (words.py), computing (fits.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from catalog.base import Text
from catalog.labels import load_labels
from catalog.parts import network
from catalog.parts.ergm import Options, TableSpec
from models_py.figures.names import number_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, number, p_number, stacked
from models_py.parts.ergm.titles import ESTIMATES, NETWORKS, ODDS, UNLISTED, WORDS, stem, title
from models_py.parts.ergm.words import (
    NOT_COMPARABLE,
    NOT_SHOWN,
    STARS,
    Names,
    Read,
    places,
    read_words,
    shift_words,
    stars,
)
from models_py.parts.findings import both
from models_py.parts.frame import Seen
from models_py.parts.rows import together

Rows = Mapping[str, Mapping[str, Any]]
NOT_ESTIMABLE, NOT_SIMULATED, NESTED = "not_estimable", "not_simulated", "lr_nested"
_FIGURES = (
    ("n_obs", 0, both("Ordered pairs observed", "已观测有序对")),
    ("deviance", 2, both("−2 ln L", "−2 ln L")),
    ("aic", 2, both("AIC", "AIC")),
    ("bic", 2, both("BIC", "BIC")),
)
# How many coefficients a sentence on dependence names.
_NAMED = 3


@dataclass(frozen=True)
class Results:
    """Published rows of one table and one network, under the study's own treatment unless asked otherwise."""

    table: TableSpec
    network: str
    names: Names
    estimates: pd.DataFrame
    fits: pd.DataFrame
    tests: pd.DataFrame
    probabilities: pd.DataFrame

    def coefficients(self, model: str, variant: str = "", effect: str = "coef") -> Rows:
        """Rows of estimate by term."""
        own = self.estimates
        own = own[(own["model"] == model) & (own["variant"] == variant) & (own["effect"] == effect)]
        return {str(row["term"]): row for row in own.to_dict("records")}  # type: ignore[misc]

    def fit(self, model: str, variant: str = "") -> Mapping[Any, Any] | None:
        """The row of model_fit; None if the model was not fitted."""
        found = self.fits[(self.fits["model"] == model) & (self.fits["variant"] == variant)].to_dict("records")
        return {**found[0], "deviance": -2 * found[0]["log_likelihood"]} if found else None

    def title(self, model: str) -> Text:
        """What print calls a model."""
        return self.table.model_title(model)

    @property
    def fitted(self) -> list[str]:
        """Models fitted under the own treatment, in their order."""
        return [model for model in self.table.models if self.fit(model) is not None]

    def remarks(self, variant: str | None = "") -> list[Text]:
        """Why models were left out or not estimated; under all treatments for None."""
        rows = self.tests[self.tests["test"].isin([NOT_ESTIMABLE, NOT_SIMULATED])]
        rows = rows if variant is None else rows[rows["variant"] == variant]
        told = [(self.title(row["model"]), row) for row in rows.to_dict("records")]
        return [both(f"{name.en}: {row['note_en']}", f"{name.zh}：{row['note_zh']}") for name, row in told]

    def read(self, model: str, term: str) -> Read:
        """Everything known of a term."""
        own = self.estimates
        own = own[(own["model"] == model) & (own["variant"] == "") & (own["term"] == term)]
        chances = self.probabilities
        chances = chances[(chances["model"] == model) & (chances["term"] == term)]
        return Read(
            term,
            {str(row["effect"]): row for row in own.to_dict("records")},  # type: ignore[misc]
            {str(row["quantity"]): row for row in chances.to_dict("records")},  # type: ignore[misc]
        )


def results_of(seen: Seen, options: Options) -> Iterator[Results]:
    """The results of every table and network."""
    frames = [seen.share(name, options) for name in ("estimate", "model_fit", "spec_test")]
    chances = seen.rows("tie_probability")
    for table in options.tables:
        for name in table.networks:
            estimates, fits, tests = (
                frame[(frame["table_no"] == table.table_no) & (frame["sample"] == name)] if len(frame) else frame
                for frame in frames
            )
            mine = chances[(chances["network"] == name) & (chances["table_no"] == table.table_no)]
            yield Results(table, name, Names(options.nodal, table), estimates, fits, tests, mine)


def _order(models: Sequence[Rows]) -> list[str]:
    return list(dict.fromkeys(term for rows in models for term in rows))


def _cell(row: Mapping[str, Any] | None) -> Cell:
    """A coefficient with stars, its standard error below; a fixed one alone."""
    if row is None:
        return NOTHING
    if pd.isna(row["std_error"]):
        return number(row["estimate"], 4)
    decimals = places(row["std_error"])
    value = number(row["estimate"], decimals)
    return f"{value}{stars(row['p_value'])}\n({number(row['std_error'], decimals)})"


def estimates_table(found: Results, seen: Seen) -> ReportTable | None:
    """Terms down, models across; pairs, deviance and criteria below."""
    models = found.fitted
    if not models:
        return None
    columns = [found.coefficients(model) for model in models]
    body = [Row(found.names.term(term), tuple(_cell(rows.get(term)) for rows in columns)) for term in _order(columns)]
    fits = [found.fit(model) or {} for model in models]
    body += [Row(label, tuple(number(float(fit[name]), places) for fit in fits), 1) for name, places, label in _FIGURES]
    said = [STARS, _lowest(found, models, fits), NOT_COMPARABLE, *found.remarks()]
    table = found.table
    return ReportTable(
        stem(table, ESTIMATES, found.network), title(seen.study, table, ESTIMATES, found.network),
        (tuple(found.title(model) for model in models),), tuple(body), tuple(said), seen.synthetic,
        number=number_of(table.table_no) if len(table.networks) == 1 else "",
    )  # fmt: skip


def _lowest(found: Results, models: Sequence[str], fits: Sequence[Mapping[Any, Any]]) -> Text:
    aic, bic = (min(zip(models, fits, strict=True), key=lambda one: float(one[1][name]))[0] for name in ("aic", "bic"))
    by_aic, by_bic = found.title(aic), found.title(bic)
    return both(
        f"Lowest AIC: {by_aic.en}; lowest BIC, which charges ln n for a parameter: {by_bic.en}.",
        f"AIC最低：{by_aic.zh}；BIC（每参数计ln n）最低：{by_bic.zh}。",
    )


def odds_table(found: Results, seen: Seen) -> ReportTable | None:
    """The headline model: odds ratio per unit and per SD, average differences in probability."""
    model = found.table.headline
    terms = [term for term, row in found.coefficients(model).items() if term != "edges" and pd.notna(row["std_error"])]
    if not terms:
        return None
    body = []
    for term in terms:
        read, unit = found.read(model, term), found.names.unit_of(term)
        cells: tuple[Cell, ...] = (
            NOTHING if unit is None else unit,
            _ratio(read.rows.get("odds_ratio")),
            _ratio(read.rows.get("odds_ratio_sd")),
            _points(read.probabilities.get("marginal")),
            _points(read.probabilities.get("marginal_sd")),
        )
        body.append(Row(found.names.term(term), cells))
    average = found.read(model, "").probabilities["average"]
    body.append(
        Row(both("Mean probability of a tie (%)", "平均成边概率（%）"), (*[NOTHING] * 3, _points(average), NOTHING), 1)
    )
    header = (
        both("Unit", "单位"),
        both("Odds ratio per unit", "优势比（每单位）"),
        both("Odds ratio per SD", "优势比（每标准差）"),
        both("Probability per unit, points", "概率差（每单位，百分点）"),
        both("Probability per SD, points", "概率差（每标准差，百分点）"),
    )
    notes = (
        both(
            f"{found.title(model).en}. 95 % intervals below. SD: over the observed pairs. Probabilities: mean over "
            "these of the difference in the probability of a tie; of covariates of 0 and 1 between the two. Errors by "
            "the delta method.",
            f"{found.title(model).zh}。下为95%区间。标准差按已观测有序对计算。概率差为已观测节点对成边概率差的平均，0/1变量为"
            "两者之差；误差用delta法。",
        ),
        NOT_COMPARABLE,
        NOT_SHOWN,
    )
    return ReportTable(
        stem(found.table, ODDS, found.network), title(seen.study, found.table, ODDS, found.network), (header,),
        tuple(body), notes, seen.synthetic,
    )  # fmt: skip


def _ratio(row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return NOTHING
    return f"{number(row['estimate'], 4)}\n[{number(row['ci_low'], 4)}, {number(row['ci_high'], 4)}]"


def _points(row: Mapping[str, Any] | None) -> Cell:
    """A difference in probability in percentage points."""
    if row is None:
        return NOTHING
    value, low, high = (number(100 * row[name], 3) for name in ("estimate", "ci_low", "ci_high"))
    return f"{value}\n[{low}, {high}]"


def unlisted_table(found: Results, options: Options, seen: Seen) -> ReportTable | None:
    """The headline model under every treatment of unlisted pairs, with what it does to each coefficient."""
    model = found.table.headline
    variants = {one: "" if one == options.unlisted[0] else f"unlisted={one}" for one in options.unlisted}
    columns = {one: found.coefficients(model, variant) for one, variant in variants.items()}
    others = [one for one in options.unlisted[1:] if columns[one]]
    own = columns[options.unlisted[0]]
    if not others or not own:
        return None
    shown = [options.unlisted[0], *others]
    body = [
        Row(
            found.names.term(term),
            (
                *(_cell(columns[one].get(term)) for one in shown),
                *(_moved(own[term], columns[one][term]) for one in others),
            ),
        )
        for term in own
        if pd.notna(own[term]["std_error"])
    ]
    fits = [found.fit(model, variants[one]) or {} for one in shown]
    counts = tuple(number(float(fit["n_obs"]), 0) for fit in fits)
    body.append(Row(_FIGURES[0][2], (*counts, *[NOTHING] * len(others)), 1))
    labels = load_labels().options["unlisted"]
    header = (
        *(labels[one] for one in shown),
        *(both(f"Moved by: {labels[one].en}", f"变动：{labels[one].zh}") for one in others),
    )
    notes = (
        STARS,
        both(
            f"{found.title(model).en}. Moved by: in standard errors of the first column. “Listed only” selects on the "
            "outcome: lists hold the largest flows.",
            f"{found.title(model).zh}。变动以第一列标准误计。“仅限已列出”属于按结果选样。",
        ),
        *(both(row["note_en"], row["note_zh"]) for row in fits[:1]),
    )
    return ReportTable(
        stem(found.table, UNLISTED, found.network), title(seen.study, found.table, UNLISTED, found.network), (header,),
        tuple(body), notes, seen.synthetic,
    )  # fmt: skip


def _moved(own: Mapping[str, Any], other: Mapping[str, Any]) -> Cell:
    return number((other["estimate"] - own["estimate"]) / own["std_error"], 2)


def networks_table(found: Sequence[Results], seen: Seen) -> ReportTable | None:
    """The headline model on every network of a table: coefficients, below them differences in probability."""
    table = found[0].table
    columns = [one.coefficients(table.headline) for one in found]
    if len(found) < 2 or not any(columns):
        return None
    names = found[0].names
    body = [Row(names.term(term), tuple(_cell(rows.get(term)) for rows in columns)) for term in _order(columns)]
    for term in _order(columns):
        chances = [one.read(table.headline, term).probabilities for one in found]
        rows = [one.get("marginal_sd") or one.get("marginal") for one in chances]
        if any(rows):
            label = names.term(term)
            body.append(
                Row(
                    both(f"{label.en}: probability, points", f"{label.zh}：概率差，百分点"),
                    tuple(map(_points, rows)),
                    1,
                )
            )
    fits = [one.fit(table.headline) or {} for one in found]
    body.append(Row(_FIGURES[0][2], tuple(number(fit.get("n_obs"), 0) for fit in fits), 2))
    specs = seen.study.options(network.Options).networks
    notes = (
        STARS,
        both(
            f"{table.model_title(table.headline).en} on each network. Below: mean difference in the "
            "probability of a tie, per SD of the covariate or between one and zero, with 95 % intervals. The networks "
            "share places, so that their coefficients are not independent.",
            f"各网络均为{table.model_title(table.headline).zh}。下半为成边概率的平均差（每标准差，0/1变量为两者之差）及95%区间。"
            "各网络含相同地点，系数并非独立。",
        ),
        NOT_COMPARABLE,
        *(remark for one in found for remark in one.remarks()),
    )
    return ReportTable(
        stem(table, NETWORKS), title(seen.study, table, NETWORKS), (tuple(specs[one.network].title for one in found),),
        tuple(body), notes, seen.synthetic, number=number_of(table.table_no),
    )  # fmt: skip


def words_table(found: Results, seen: Seen) -> ReportTable | None:
    """Every term of the headline model in a sentence, every test, and what models with dependence say beside it."""
    model = found.table.headline
    rows = found.coefficients(model)
    if not rows:
        return None
    body = [
        Row(found.names.term(term), (read_words(found.names, found.read(model, term)),))
        for term, row in rows.items()
        if term != "edges" and pd.notna(row["std_error"])
    ]
    tests = found.tests[(found.tests["variant"] == "") & found.tests["p_value"].notna()]
    for test in tests[tests["test"] == NESTED].to_dict("records"):
        name = stacked(found.title(test["subject"]), found.title(test["model"]), between=" → ")
        body.append(Row(name, (both(test["note_en"], test["note_zh"]),), 1))
    for other in found.fitted:
        if other != model and "lr_dependence" in set(tests.loc[tests["model"] == other, "test"]):
            body.append(Row(found.title(other), (_dependence(found, other, tests),), 2))
    notes = (NOT_SHOWN, NOT_COMPARABLE, *found.remarks(None))
    fit = found.fit(model) or {}
    return ReportTable(
        stem(found.table, WORDS, found.network), title(seen.study, found.table, WORDS, found.network),
        ((found.title(model),),), tuple(body), (both(fit["note_en"], fit["note_zh"]), *notes), seen.synthetic,
        text_columns=(0,),
    )  # fmt: skip


def _dependence(found: Results, other: str, tests: pd.DataFrame) -> Text:
    """What the headline model, whose dyads are independent, does not say: the test, the coefficients that move most."""
    own, richer = found.coefficients(found.table.headline), found.coefficients(other)
    test = tests[(tests["model"] == other) & (tests["test"] == "lr_dependence")].iloc[0]
    beyond = [term for term in richer if term not in own]
    told = "; ".join(f"{found.names.term(term).en} {number(richer[term]['estimate'], 3)}" for term in beyond)
    told_zh = "；".join(f"{found.names.term(term).zh} {number(richer[term]['estimate'], 3)}" for term in beyond)
    shared = [term for term in own if term in richer and term != "edges" and pd.notna(own[term]["std_error"])]
    moved = sorted(
        shared, key=lambda term: -abs(richer[term]["estimate"] - own[term]["estimate"]) / own[term]["std_error"]
    )
    shifts = [
        shift_words(found.names, term, own[term], richer[term], both("here", "本模型")) for term in moved[:_NAMED]
    ]
    turned = [term for term in shared if own[term]["estimate"] * richer[term]["estimate"] < 0]
    lost = [term for term in shared if own[term]["p_value"] < 0.05 <= richer[term]["p_value"]]
    return together(
        [
            both(
                f"{told}: chi2 {number(test['statistic'], 2)} against independent dyads, df {test['df']:.0f}, p "
                f"{p_number(test['p_value'])}.",
                f"{told_zh}：相对节点对独立的模型卡方＝{number(test['statistic'], 2)}，自由度{test['df']:.0f}，"
                f"p值{p_number(test['p_value'])}。",
            ),
            both(
                f"Of {len(shared)} shared coefficients {len(turned)} change sign and {len(lost)} lose significance at "
                f"5 %. Moved most: {'; '.join(one.en for one in shifts)}.",
                f"{len(shared)}个共有系数中{len(turned)}个变号，{len(lost)}个在5%水平不再显著。变动最大："
                f"{'；'.join(one.zh for one in shifts)}。",
            ),
        ]
    )
