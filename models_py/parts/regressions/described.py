"""What a regression is called in print: the number of its column, and in words what sets it apart from the headline's.

Belongs here: the words for declared models, wherever tables and figures of any part name one. Does not belong here:
layout (table.py), and the words of identities in general (catalog/labels.py).
"""

from collections.abc import Mapping
from typing import Any

from catalog import Study
from catalog.base import Text
from catalog.identity import ALL
from catalog.labels import choice_label, inner, label_of, option_label, variable_label
from catalog.panels import load_units
from catalog.parts import regressions
from catalog.parts.regressions import ModelSpec
from models_py.figures.table import stacked
from models_py.parts.regressions.identities import headline_spec, sample_of

PURPOSES = {
    "": Text(zh="主要结果", en="Main results"),
    "other": Text(zh="其他设定", en="Further specifications"),
}


def column_number(study: Study, spec: ModelSpec) -> str:
    """(1), (2) ...: the place of a model among those declared for its table."""
    beside = [one.key for one in study.options(regressions.Options).models if one.table_no == spec.table_no]
    return f"({beside.index(spec.key) + 1})"


def purpose(study: Study, table_no: str) -> Text:
    """What a table is for: as the study declares it, else whether the headline is in it."""
    options = study.options(regressions.Options)
    return options.titles.get(table_no) or PURPOSES["" if table_no == options.headline.table_no else "other"]


def model_label(study: Study, columns: Mapping[str, Any]) -> Text:
    """The label of a row of results: column number and description of its model, then what else its columns say.

    The study's own reading goes unsaid. A model of another table, such as the event study's, is that of the headline's
    table; a name that is none of the study's models is printed as it is.
    """
    options = study.options(regressions.Options)
    specs = {spec.key: spec for spec in options.models}
    model = str(columns["model"])
    found = specs.get((str(columns["table_no"]), model)) or specs.get((options.headline.table_no, model))
    if found is None:
        return label_of(dict(columns), own_reading=study.own_reading)
    # What the model itself leaves out is in its description.
    left = str(columns.get("sample", ALL)).removeprefix(sample_of(found)).removeprefix(", ") or ALL
    return label_of({**columns, "sample": left}, own_reading=study.own_reading, model=described(study, found))


def described(study: Study, spec: ModelSpec) -> Text:
    """A model's column number, and what sets it apart from the headline's model."""
    words = _differences(study, spec, headline_spec(study))
    said = Text(zh="，".join(text.zh for text in words), en=", ".join(text.en for text in words))
    return stacked(column_number(study, spec), said, between=" ")


def percent(share: float) -> str:
    """1% or 2.5%."""
    return f"{share:.1%}".replace(".0%", "%")


def _differences(study: Study, spec: ModelSpec, own: ModelSpec) -> list[Text]:
    unit = load_units()[study.panel.unit].one
    found = [] if spec.outcome == own.outcome else [variable_label(study, spec.outcome)]
    found += _regressors(study, spec, own)
    if spec.trends and not own.trends:
        found.append(Text(zh=f"{unit.zh}线性趋势", en=f"{unit.en} trends"))
    if spec.region_years and not own.region_years:
        found.append(Text(zh="地区×年份效应", en="region × year effects"))
    if spec.winsorise is not None and spec.winsorise != own.winsorise:
        share = percent(spec.winsorise)
        found.append(Text(zh=f"缩尾{share}", en=f"winsorised {share}"))
    for name, years in spec.lags.items():
        label = variable_label(study, name, transformed=False)
        found.append(Text(zh=f"{label.zh}滞后{years}年", en=f"{inner(label.en)} lagged {years} year(s)"))
    for choice, option in spec.variant.items():
        varied, chosen = choice_label(study, choice), option_label(study, choice, option)
        found.append(Text(zh=f"{varied.zh}：{chosen.zh}", en=f"{inner(varied.en)}: {chosen.en}"))
    if spec.without:
        found.append(Text(zh="剔除直辖市", en="without municipalities"))
    return found


def _regressors(study: Study, spec: ModelSpec, own: ModelSpec) -> list[Text]:
    """Regressors the model has and the headline's has not, and the other way round."""
    added = [variable_label(study, name) for name in spec.regressors if name not in own.regressors]
    absent = [name for name in own.regressors if name not in spec.regressors]
    declared = set(study.variables.declared)
    controls = [name for name in own.regressors if name in declared]
    found = [Text(zh=f"加入{label.zh}", en=f"with {inner(label.en)}") for label in added]
    if controls and set(controls) <= set(absent):
        found.append(Text(zh="无控制变量", en="no controls"))
        absent = [name for name in absent if name not in controls]
    labels = [variable_label(study, name) for name in absent]
    return found + [Text(zh=f"不含{label.zh}", en=f"without {inner(label.en)}") for label in labels]
