"""Names printed for variables, methods, choices and options (`labels.yaml`), in both languages.

Belongs here: what a reader sees for an id that is not an indicator. Labels of indicators: indicators.yaml; of columns
of tables: tables.yaml. Does not belong here: layout.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, refuse, validate
from catalog.identity import ALL, TWFE, variant_choices
from catalog.indicators import load_registry
from catalog.panels import load_units
from catalog.parts.specification_curve import Choices
from catalog.parts.treatment_timing import EVENT_TERM
from catalog.spatial_weights import weights_name
from catalog.studies import Study
from catalog.tables import load_tables

# Names a row of results by the columns of its identity.
Label = Callable[[dict[str, Any]], "Text"]
LABELS_PATH = CATALOG_DIR / "labels.yaml"
# influence_<unit of the panel, or year>_<what>
_INFLUENCE = re.compile(r"influence_([a-z]+)_(\w+)")
_COMPUTED = {"standard deviations": Text(en="SD", zh="标准差"), "share": Text(en="share", zh="占比")}


class VariableLabel(Text):
    """A variable's name; `abbreviation` where space is short."""

    abbreviation: str


class Labels(Strict):
    """All labels by id; see the head of labels.yaml."""

    variables: dict[str, VariableLabel]
    methods: dict[str, Text]
    effects: dict[str, dict[str, Text]]
    estimators: dict[str, Text]
    samples: dict[str, Text]
    weights: dict[str, Text]
    variants: dict[str, Text]
    readings: dict[str, Text]
    tests: dict[str, Text]
    subjects: dict[str, Text]
    vintages: dict[str, Text]
    choices: dict[str, Text]
    options: dict[str, dict[str, Text]]

    def _consistent(self) -> None:
        declared = set(Choices.model_fields)
        of_curve = set(self.options) - (set(self.variants) - declared)
        for name, found in (("choices", set(self.choices)), ("options", of_curve)):
            refuse((found != declared, f"{name}: not as declared for studies: {sorted(found ^ declared)}"))

    def sample(self, item: str) -> Text:
        """One description of a sample; years left out are given as they are."""
        left_out = item.removeprefix("without ")
        return self.samples.get(item) or Text(en=item, zh=item if left_out == item else f"剔除{left_out}")


@cache
def load_labels() -> Labels:
    """The labels, validated. Raises CatalogError."""
    return validate(Labels, read_yaml(LABELS_PATH), LABELS_PATH)


def variable_label(study: Study, name: str, *, transformed: bool = True) -> Text:
    """The name of a study's variable as its tables print it; the bare id for an unknown name.

    `transformed`: with ln, z and the price base it enters regressions with; without them for natural units.
    """
    own = load_labels().variables.get(name)
    spec = study.variables.declared.get(name)
    if spec is None:
        if own is not None:
            return Text(en=own.en, zh=own.zh)
        indicator = load_registry().indicators.get(name)
        return _bare(name) if indicator is None else indicator.label
    label = load_registry().indicators[spec.indicator].label
    en, zh = label.en, label.zh
    if spec.deflate is not None:
        base = spec.deflate.base_year
        en, zh = f"{en} ({base} prices)", f"{zh}（{base}年价格）"
    if transformed and spec.log and study.variables.transform in ("log_z", "log"):
        en, zh = f"ln {inner(en)}", f"ln {zh}"
    if transformed and spec.standardise and study.variables.transform in ("log_z", "z"):
        en, zh = f"{en} (z)", f"{zh}（z）"
    return Text(en=en, zh=zh)


def method_label(method: str) -> Text:
    """The name of a method of inference; the bare id for one that has no label."""
    return load_labels().methods.get(method, _bare(method))


def test_label(test: str) -> Text:
    """The name of a test, which may be that of a method; of one that has no label its own words."""
    labels, influence = load_labels(), _INFLUENCE.fullmatch(test)
    if influence is not None and f"influence_{influence[2]}" in labels.tests:
        said, units = labels.tests[f"influence_{influence[2]}"], load_units()
        one = units[influence[1]].one if influence[1] in units else Text(en="year", zh="年份")
        return Text(en=said.en.format(left_out=one.en), zh=said.zh.format(left_out=one.zh))
    return labels.tests.get(test) or labels.methods.get(test) or _bare(test.replace("_", " "))


def subject_label(study: Study, subject: str) -> Text:
    """What a test is about: a year around first exposure, words of labels.yaml, or one of the study's variables."""
    known = load_labels().subjects.get(subject)
    return year_words(subject) if EVENT_TERM.fullmatch(subject) else known or variable_label(study, subject)


def of_reading(title: Text, reading: str) -> Text:
    """A title with the reading it is about; as it is where `reading` is ''."""
    said = load_labels().readings.get(reading, _bare(reading))
    return Text(en=f"{title.en}, {said.en}", zh=f"{title.zh}，{said.zh}") if reading else title


def year_words(term: str) -> Text:
    """The term event_<k> of an event study inside a sentence; any other term as it is."""
    event = EVENT_TERM.fullmatch(term)
    k = "" if event is None else event[1].replace("-", "−")
    return Text(en=f"year {k}", zh=f"第{k}年") if k else _bare(term)


def weights_label(name: str) -> Text:
    """The name of spatial weights, with what sets them apart from others of their kind; a user's name as it is."""
    found = weights_name(name)
    if found is None:
        return _bare(name)
    words = load_labels().weights[found.kind]
    if found.kind == "knn":
        return Text(en=f"{found.nearest} {words.en}", zh=f"最近{found.nearest}个地区")
    apart = [
        (found.order > 1, f"up to {found.order} borders", f"{found.order}阶以内"),
        (found.power != 1, f"power {found.power:g}", f"{found.power:g}次方"),
        (found.km is not None, f"within {found.km or 0:g} km", f"{found.km or 0:g}公里内"),
        (found.kind == "nested", f"{found.percent} % distance", f"距离占{found.percent}%"),
    ]
    said = [(en, zh) for holds, en, zh in apart if holds]
    if not said:
        return words
    return Text(
        en=f"{words.en}, {', '.join(en for en, _ in said)}", zh=f"{words.zh}（{'，'.join(zh for _, zh in said)}）"
    )


def effect_label(part: str, effect: str) -> Text:
    """The name of an effect in the sense of the part that makes it; the bare id for one that has no label."""
    return load_labels().effects.get(part, {}).get(effect, _bare(effect))


def variable_unit(study: Study, name: str) -> Text:
    """The unit a variable has in the study's models; of a part's variable, that of its column in tables.yaml."""
    spec = study.variables.declared.get(name)
    registry = load_registry()
    if spec is None:
        columns = [table.columns[name] for table in load_tables().values() if name in table.columns]
        return _per_unit(next((column.unit for column in columns if column.unit), ""))
    entry = registry.indicators[spec.indicator]
    transform = study.variables.transform
    if spec.standardise and transform in ("log_z", "z"):
        return unit_label("standard deviations")
    if spec.log and transform in ("log_z", "log"):
        return Text(en="log point", zh="对数单位")
    if spec.scale == 1:
        return _per_unit(entry.unit)
    if entry.unit == "%" and spec.scale == 0.01:
        return _per_unit("share")
    scaled = unit_label(entry.unit)
    times, en = f"{1 / spec.scale:g}", scaled.en
    # "100 100 million yuan" is no number.
    return Text(en=f"{times} × {en}" if en[:1].isdigit() else f"{times} {en}", zh=f"{times}{scaled.zh}")


def unit_label(unit: str) -> Text:
    """A unit as tables print it: of indicators as registered, of what is computed as it is called."""
    known = load_registry().units.get(unit)
    return _COMPUTED.get(unit, Text(en=known.en if known else unit, zh=unit))


def _per_unit(unit: str) -> Text:
    """The unit a coefficient is per one of: a share goes from 0 to 1."""
    return Text(en="unit of share (0 to 1)", zh="单位占比（0至1）") if unit == "share" else unit_label(unit)


def label_of(columns: dict[str, Any], *, own_reading: str | None = None, model: Text | None = None) -> Text:
    """The label of a row with these columns; `own_reading` is left unsaid, as the study's own; `model`: words in place
    of the model's name.

    Words come from labels.yaml, the bare id where it has none.
    """
    name, parts = model or _bare(str(columns["model"])), [*_of_sample(columns, own_reading), *_of_method(columns)]
    # A column's number needs no comma after it.
    zh, en = ("，", ", ") if model is not None and " " in name.en else (" ", " ")
    return Text(
        en=en.join(filter(None, [name.en, ", ".join(part.en for part in parts)])),
        zh=zh.join(filter(None, [name.zh, "，".join(part.zh for part in parts)])),
    )


def identity_label(column: str, value: str) -> Text:
    """The label of one column of a result's identity: of the study's own choices too, '' where the column is ''."""
    labels = load_labels()
    own = {"estimator": labels.estimators, "sample": labels.samples, "reading": labels.readings}.get(column, {})
    return own.get(value) or label_of({"model": "", column: value})


def _of_sample(columns: dict[str, Any], own_reading: str | None) -> list[Text]:
    """Reading and sample, where they are not the study's own, and not said by the model's name already."""
    labels, model = load_labels(), str(columns["model"])
    reading, sample = columns.get("reading", ""), str(columns.get("sample", ALL)).removeprefix(f"{columns['model']}, ")
    parts = [labels.readings.get(reading, _bare(reading))] if reading and reading != own_reading else []
    return parts if sample in (ALL, model) else [*parts, *(labels.sample(item) for item in sample.split(", "))]


def _of_method(columns: dict[str, Any]) -> list[Text]:
    """Estimator, weights, vintage and variant, where they are not the study's own."""
    labels, parts = load_labels(), []
    estimator, weights = columns.get("estimator") or TWFE, columns.get("weights")
    parts += [labels.estimators.get(estimator, _bare(estimator))] if estimator != TWFE else []
    parts += [weights_label(weights)] if weights else []
    if vintage := columns.get("vintage"):
        # An edition is called as its user calls it, who separates words with _.
        edition = labels.vintages.get(str(vintage)) or _bare(str(vintage).replace("_", " "))
        parts.append(Text(en=f"vintage {edition.en}", zh=f"版本 {edition.zh}"))
    for key, value in variant_choices(columns.get("variant", "")).items():
        name, option = labels.variants.get(key, _bare(key)), labels.options.get(key, {}).get(value) or _named(value)
        parts.append(Text(en=f"{name.en} {option.en}".strip(), zh=f"{name.zh}{option.zh}"))
    return parts


def _named(value: str) -> Text:
    """An option without a label of its own: the indicator it names, or as it is."""
    indicator = load_registry().indicators.get(value)
    return indicator.label if indicator is not None else _bare(value)


def _bare(name: str) -> Text:
    return Text(en=name, zh=name)


def option_key(option: object) -> str:
    """An option as labels name it: 0, 0.0 and "0" are one."""
    try:
        return f"{float(str(option)):g}"
    except ValueError:
        return str(option)


def choice_label(study: Study, choice: str) -> Text:
    """The name of a choice; the bare id for one that has no label."""
    return _of_unit(load_labels().choices.get(choice, _bare(choice)), study)


def _of_unit(text: Text, study: Study) -> Text:
    one = load_units()[study.panel.unit].one
    return Text(en=text.en.replace("{unit}", one.en), zh=text.zh.replace("{unit}", one.zh))


def option_label(study: Study, choice: str, option: object) -> Text:
    """The name of an option of a choice: from the labels, by arithmetic for shares, else the bare id."""
    options = load_labels().options.get(choice, {})
    option = option_key(option)
    if option in options:
        return _of_unit(options[option], study)
    if choice == "winsorise":
        share = f"{float(option):.1%}".replace(".0%", "%")
        return Text(en=f"{share} each tail", zh=f"两端各{share}")
    if choice == "controls" and option.startswith("without_"):
        name = option.removeprefix("without_")
        # The study's own name is the short one.
        return Text(
            en=f"without {name.replace('_', ' ')}", zh=f"不含{variable_label(study, name, transformed=False).zh}"
        )
    return _bare(option)


def inner(text: str) -> str:
    """`text` for use inside a phrase: its first letter in lower case, unless it starts with an abbreviation."""
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
