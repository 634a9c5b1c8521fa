"""The tables of a study's regressions: coefficients in the field's layout, and the tests of their design.

A regression has a column, with stars over standard errors; a test of any part has a row that says how it was computed.

Belongs here: which fits go side by side, their coefficients and what is printed below: choices, statistics, notes;
which rows of `spec_test`, whichever part made them, are printed.
Does not belong here: choosing the rows of a fit (identities.py).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from catalog import Study
from catalog.base import Text
from catalog.identity import COLUMNS, variant_choices, variant_of
from catalog.labels import choice_label, load_labels, option_label, subject_label, test_label, variable_label
from catalog.parts import performance_index, regressions
from catalog.parts.regressions import ModelSpec
from models_py.figures.names import chinese_number, number_of, stem_of
from models_py.figures.table import NOTHING, Cell, ReportTable, Row, fixed, number, p_number, stacked, stars
from models_py.panel import Panel
from models_py.parts.regressions.described import column_number, model_label, percent, purpose
from models_py.parts.regressions.identities import Column, columns_of, headline_spec, own_identity

_NO_MUNICIPALITIES = Text(zh="剔除直辖市", en="no municipalities")
YES, NO = Text(zh="是", en="Yes"), Text(zh="否", en="No")
# A fit this close to perfect leaves residuals that are rounding: an identity, not a finding.
_IDENTITY = 1 - 1e-9
_KINDS = {
    "": Text(zh="", en=""),
    "readings": Text(zh="（各口径并列）", en=" (readings side by side)"),
    "versions": Text(zh="（主要结果的其他版本）", en=" (further versions of the headline)"),
}


def regression_tables(
    estimate: pd.DataFrame, model_fit: pd.DataFrame, study: Study, panel: Panel, table_no: str, synthetic: bool
) -> list[ReportTable]:
    """A table's columns under the study's own reading; all readings side by side; further versions of the headline.

    The second and third only where there are any. Rows of `estimate` and `model_fit` of one study.
    """
    columns = columns_of(model_fit, estimate, study, table_no)
    kinds: dict[str, list[Column]] = {"": [], "readings": [], "versions": []}
    for column in columns:
        kinds["versions" if column.further_version else "" if column.of_own_reading else "readings"].append(column)
    own = kinds.pop("")
    shown = {"": own}
    for kind, others in kinds.items():
        beside = {column.spec.model for column in others}
        shown[kind] = [column for column in own if column.spec.model in beside] + others
    return [_table(kept, study, panel, table_no, kind, synthetic) for kind, kept in shown.items() if kept]


def _table(
    columns: Sequence[Column], study: Study, panel: Panel, table_no: str, kind: str, synthetic: bool
) -> ReportTable:
    headline = study.options(regressions.Options).headline.term
    terms = list(dict.fromkeys(term for column in columns for term in column.terms.index))
    terms.sort(key=lambda term: term != headline)
    body = [
        Row(
            stacked(variable_label(study, term), _unit(columns, term)),
            tuple(_coefficient(column, term) for column in columns),
        )
        for term in terms
    ]
    body += choice_rows(columns, study, panel)
    body += statistic_rows(columns, panel)
    header: list[tuple[Cell, ...]] = [
        tuple(variable_label(study, c.spec.outcome) for c in columns),
        tuple(_shown(c, study, kind) for c in columns),
    ]
    if kind == "readings":
        labels = load_labels().readings
        header.insert(0, tuple(labels[column.reading] for column in columns))
    what, shown = purpose(study, table_no), _KINDS[kind]
    return ReportTable(
        stem=stem_of(table_no, kind),
        title=Text(zh=f"{what.zh}：{study.title.zh}{shown.zh}", en=f"{what.en}: {study.title.en}{shown.en}"),
        header=tuple(header),
        rows=tuple(body),
        notes=table_notes(columns, study, panel),
        synthetic=synthetic,
        number=number_of(table_no),
    )


def _unit(columns: Sequence[Column], term: str) -> Cell:
    """The unit of a term's coefficient, of all that the columns have."""
    rows = [column.terms.loc[term] for column in columns if term in column.terms.index]
    units = dict.fromkeys((str(row["unit_zh"]), str(row["unit_en"])) for row in rows if pd.notna(row["unit_en"]))
    zh, en = ("；".join(zh.removeprefix("个") for zh, _ in units), "; ".join(en for _, en in units))
    return Text(zh=f"[{zh}]", en=f"[{en}]") if units else ""


def _shown(column: Column, study: Study, kind: str) -> Cell:
    return model_label(study, column.fit) if kind == "versions" else column_number(study, column.spec)


def _coefficient(column: Column, term: str) -> str:
    if term not in column.terms.index:
        return ""
    row = column.terms.loc[term]
    value, error, p_value = (float(str(row[name])) for name in ("estimate", "std_error", "p_value"))
    if is_identity(column):
        return f"{fixed(value)}\n({fixed(error)})"
    return f"{number(value)}{stars(p_value)}\n({number(error)})"


def is_identity(column: Column) -> bool:
    """Whether the regressors add up to the outcome exactly."""
    return float(column.fit["r2_within"]) > _IDENTITY


def choice_rows(columns: Sequence[Column], study: Study, panel: Panel) -> list[Row]:
    """What was absorbed and done to the variables: effects always, the rest if any column has it."""
    specs = [column.spec for column in columns]
    unit = panel.unit.one
    term = study.options(regressions.Options).headline.term
    controlled = [bool((set(c.terms.index) - {term}) & set(study.variables.declared)) for c in columns]
    result = [
        _answers(Text(zh="控制变量", en="Controls"), controlled),
        _answers(Text(zh=f"{unit.zh}固定效应", en=f"{unit.en.capitalize()} FE"), [True] * len(columns)),
        _answers(Text(zh="年份固定效应", en="Year FE"), [not spec.region_years for spec in specs]),
        _answers(Text(zh=f"{unit.zh}线性趋势", en=f"{unit.en.capitalize()} trends"), [spec.trends for spec in specs]),
    ]
    if any(spec.region_years for spec in specs):
        label = Text(zh="地区×年份固定效应", en="Region × year FE")
        result.insert(3, _answers(label, [spec.region_years for spec in specs]))
    optional: list[tuple[Cell, list[Cell | None]]] = [
        (Text(zh="缩尾", en="Winsorised"), [None if s.winsorise is None else percent(s.winsorise) for s in specs]),
        *_lags(study, specs),
        *_variants(study, specs),
        (Text(zh="样本", en="Sample"), [_NO_MUNICIPALITIES if s.without else None for s in specs]),
    ]
    return result + [Row(label, tuple(cell or NOTHING for cell in cells), 1) for label, cells in optional if any(cells)]


def _answers(label: Text, answers: Sequence[bool]) -> Row:
    return Row(label, tuple(YES if answer else NO for answer in answers), 1)


def _lags(study: Study, specs: Sequence[ModelSpec]) -> Iterator[tuple[Cell, list[Cell | None]]]:
    """A row for each variable any model lags."""
    for name in dict.fromkeys(name for spec in specs for name in spec.lags):
        label = variable_label(study, name, transformed=False)
        row: Cell = Text(zh=f"{label.zh}滞后（年）", en=f"{label.en}, lag (years)")
        yield row, [str(spec.lags[name]) if name in spec.lags else None for spec in specs]


def _variants(study: Study, specs: Sequence[ModelSpec]) -> Iterator[tuple[Cell, list[Cell | None]]]:
    """A row for each choice for which a model's variables come in another variant."""
    for choice in dict.fromkeys(choice for spec in specs for choice in spec.variant):
        label = choice_label(study, choice)
        options = [spec.variant.get(choice) for spec in specs]
        cells: list[Cell | None] = [
            None if option is None else option_label(study, choice, option) for option in options
        ]
        yield label, cells


def statistic_rows(columns: Sequence[Column], panel: Panel) -> list[Row]:
    """Observations, clusters, R² within entities, degrees of freedom and small-sample factor."""

    def each(name: str, decimals: int) -> tuple[str, ...]:
        return tuple(number(float(column.fit[name]), decimals) for column in columns)

    unit, units = panel.unit.one, panel.unit.many
    dropped = each("n_dropped", 0)
    df = tuple(number(float(c.terms["df"].iloc[0]), 0) if len(c.terms) else NOTHING for c in columns)
    result = [
        Row(Text(zh="观测数", en="N"), each("n_obs", 0), 2),
        Row(Text(zh=f"聚类数（{unit.zh}）", en=f"Clusters ({units.en})"), each("n_clusters", 0), 2),
        Row(Text(zh=f"R²（{_inside(panel)}）", en=f"R² within {unit.en}"), each("r2_within_entity", 3), 2),
        Row(Text(zh="t分布自由度", en="df of t"), df, 2),
        Row(Text(zh="小样本系数", en="Small-sample factor"), each("ssc_factor", 4), 2),
    ]
    if any(cell not in ("0", NOTHING) for cell in dropped):
        result.insert(1, Row(Text(zh="剔除行数", en="Rows dropped"), dropped, 2))
    return result


def _inside(panel: Panel) -> str:
    return "省内" if panel.unit.id == "province" else f"{panel.unit.one.zh}内"


def table_notes(columns: Sequence[Column], study: Study, panel: Panel) -> tuple[Text, ...]:
    """Estimator, errors, conventions; says so if a fit is an identity."""
    first, last = study.years
    unit = panel.unit.one
    notes = [
        Text(
            zh=f"最小二乘双向固定效应，{first}—{last}年。括号内为按{unit.zh}聚类的CR1标准误，t检验；小样本系数为 "
            f"G/(G−1)×(N−1)/(N−k)，k不计嵌套于聚类的{unit.zh}效应。* p < 0.10，** p < 0.05，*** p < 0.01。"
            "结果为关联，非因果效应。",
            en=f"Least squares with two-way fixed effects, {first}-{last}. CR1 standard errors clustered by {unit.en} "
            f"in parentheses, t tests; small-sample factor G/(G−1) × (N−1)/(N−k), k without the {unit.en} effects "
            "nested in clusters. * p < 0.10, ** p < 0.05, *** p < 0.01. Associations, not effects.",
        ),
        Text(
            zh=f"方括号内为系数单位。R²为{_inside(panel)}值，年份虚拟变量作回归元（xtreg, fe）；其他R²及各列的完整约定"
            "见数据表 model_fit。",
            en=f"In square brackets: unit of the coefficient. R² is within {unit.en}, year dummies as regressors "
            "(xtreg, fe); the other two, and every column's convention in full: table model_fit.",
        ),
    ]
    notes += [_identity_note(columns, study)] if any(map(is_identity, columns)) else []
    terms = {str(term) for column in columns for term in column.terms.index}
    if study.variables.transform in ("log_z", "z") and terms & set(study.variables.declared):
        notes.append(
            Text(
                zh="（z）：按全样本均值与标准差（n−1）标准化；ln：自然对数。",
                en="(z): standardised by the mean and standard deviation (n − 1) of the whole sample; ln: natural log.",
            )
        )
    return tuple(notes)


def _identity_note(columns: Sequence[Column], study: Study) -> Text:
    indices = study.all(performance_index.Options)
    sizes = {name: len(members) for index in indices[-1:] for name, members in index.dimensions.items()}
    shares = ", ".join(f"{name.upper()} {size}/{sum(sizes.values())}" for name, size in sizes.items())
    which = ", ".join(dict.fromkeys(column_number(study, c.spec) for c in columns if is_identity(c)))
    return Text(
        zh=f"第{which}列为恒等式：因变量是所列分指数的加权和（{shares}），系数只是权重，残差为舍入误差，"
        "故不标星号；不构成机制或中介。",
        en=f"Column {which} is an identity: the outcome is the weighted sum of the sub-indices ({shares}), the "
        "coefficients restate the weights and residuals are rounding, hence no stars; nothing here is a mechanism or "
        "mediation.",
    )


NAME = "design_evidence"
_EVIDENCE = (
    Text(zh="统计量", en="Statistic"),
    Text(zh="自由度", en="df"),
    Text(zh="p值", en="p"),
    Text(zh="计算说明", en="What was computed"),
)


def evidence_tables(rows: pd.DataFrame, study: Study, synthetic: bool) -> list[ReportTable]:
    """A table for each `table_no` of `spec_test`.

    Of the regressions only the headline's tests are printed, and everywhere only the study's own reading; the rest
    stays in the table. Tests under spatial weights are in the tables of the parts that make them.
    """
    if rows.empty:
        return []
    own = own_identity(study, headline_spec(study))
    # A part that occurs twice says so in the variant of its rows, which is no variant of the model.
    choices = [variant_choices(variant) for variant in rows["variant"]]
    plain = rows.assign(variant=[variant_of({k: v for k, v in c.items() if k != "part"}) for c in choices])
    other = ~rows["table_no"].isin({model.table_no for model in study.options(regressions.Options).models})
    other &= rows["weights"] == ""
    of_headline = (plain[list(COLUMNS)] == pd.Series(own.columns)).all(axis=1)
    shown = rows[rows["reading"].isin(["", study.own_reading]) & (of_headline | other)]
    return [
        _evidence_table(part, study, str(table_no), synthetic)
        for table_no, part in shown.groupby("table_no", sort=False)
    ]


def _evidence_table(rows: pd.DataFrame, study: Study, table_no: str, synthetic: bool) -> ReportTable:
    records = rows.to_dict("records")
    labels = [model_label(study, {name: row[name] for name in COLUMNS}) for row in records]
    models = list({label.en: label for label in labels}.values())
    places = {model.en: place for place, model in enumerate(models)}
    body = [
        Row(stacked(_tested(row, study), label if len(models) > 1 else ""), _cells(row), places[label.en])
        for row, label in zip(records, labels, strict=True)
    ]
    return ReportTable(
        stem=stem_of(NAME, table_no),
        title=Text(
            zh=f"设计证据与检验（{chinese_number(table_no)}）：{study.title.zh}",
            en=f"Evidence on the design, {table_no}: {study.title.en}",
        ),
        header=(_EVIDENCE,),
        rows=tuple(body),
        notes=(
            Text(
                zh=f"模型：{'；'.join(model.zh for model in models)}。–：该项无自由度或无p值。"
                "诊断不能证明因果识别成立。其他模型与口径的检验见数据表 spec_test。",
                en=f"Model: {'; '.join(model.en for model in models)}. –: the item has no degrees of freedom or no "
                "p-value. No diagnostic proves identification. Tests of other models and readings: table spec_test.",
            ),
        ),
        synthetic=synthetic,
        text_columns=(3,),
    )


def _tested(row: Mapping[Hashable, Any], study: Study) -> Text:
    """The test, and what it is about."""
    test = test_label(str(row["test"]))
    if not row["subject"]:
        return test
    about = subject_label(study, str(row["subject"]))
    return Text(zh=f"{test.zh}：{about.zh}", en=f"{test.en}: {about.en}")


def _cells(row: Mapping[Hashable, Any]) -> tuple[Cell, ...]:
    value = float(row["statistic"])
    counted = value.is_integer() and abs(value) > 1
    en, zh = ("" if pd.isna(text) else str(text) for text in (row["note_en"], row["note_zh"]))
    return (
        number(value, 0 if counted else 3),
        number(row["df"], 0),
        p_number(row["p_value"]),
        Text(en=en, zh=zh),
    )
