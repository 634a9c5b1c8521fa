"""Names printed for variables, methods, choices and options (`labels.yaml`), in both languages.

Belongs here: what a reader sees for an id that is no indicator. Labels of indicators: indicators.yaml; of columns of
tables: tables.yaml. Does not belong here: layout.
"""

from __future__ import annotations

from functools import cache

from pydantic import model_validator

from catalog.base import CATALOG_DIR, Strict, Text, read_yaml, validate
from catalog.indicators import load_registry
from catalog.studies import Study
from catalog.study_evidence import Choices

LABELS_PATH = CATALOG_DIR / "labels.yaml"


class VariableLabel(Text):
    """A variable's name; `abbreviation` where space is short."""

    abbreviation: str


class Labels(Strict):
    """All labels by id; see the head of labels.yaml."""

    variables: dict[str, VariableLabel]
    methods: dict[str, Text]
    effects: dict[str, Text]
    estimators: dict[str, Text]
    readings: dict[str, Text]
    choices: dict[str, Text]
    options: dict[str, dict[str, Text]]

    @model_validator(mode="after")
    def _choices(self) -> Labels:
        declared = set(Choices.model_fields)
        for name, found in (("choices", set(self.choices)), ("options", set(self.options))):
            if found != declared:
                raise ValueError(f"{name}: not as declared for studies: {sorted(found ^ declared)}")
        return self


@cache
def load_labels() -> Labels:
    """The labels, validated. Raises CatalogError."""
    return validate(Labels, read_yaml(LABELS_PATH), LABELS_PATH)


def variable_label(study: Study, name: str, *, transformed: bool = True) -> Text:
    """The name of a study's variable as its tables print it; the bare id for a name nothing is known of.

    `transformed`: with ln, z and the price base it enters regressions with; without them for natural units.
    """
    own = load_labels().variables.get(name)
    spec = study.controls.variables.get(name)
    if spec is None:
        if own is not None:
            return Text(en=own.en, zh=own.zh)
        indicator = load_registry().indicators.get(name)
        return Text(en=name, zh=name) if indicator is None else indicator.label
    label = load_registry().indicators[spec.indicator].label
    en, zh = label.en, label.zh
    if spec.deflate is not None:
        base = spec.deflate.base_year
        en, zh = f"{en} ({base} prices)", f"{zh}（{base}年价格）"
    if transformed and spec.log and study.controls.transform in ("log_z", "log"):
        en, zh = f"ln {inner(en)}", f"ln {zh}"
    if transformed and spec.standardise and study.controls.transform in ("log_z", "z"):
        en, zh = f"{en} (z)", f"{zh}（z）"
    return Text(en=en, zh=zh)


def method_label(method: str) -> Text:
    """The name of a method of inference; the bare id for one that has no label."""
    return load_labels().methods.get(method, Text(en=method, zh=method))


def effect_label(effect: str) -> Text:
    """The name of a part of a product of coefficients; the bare id for one that has no label."""
    return load_labels().effects.get(effect, Text(en=effect, zh=effect))


def model_label(model: str) -> Text:
    """A model's published name, with the estimator and the reading at its end in words."""
    labels = load_labels()
    words = model.split(" ")
    tail: list[Text] = []
    for known in (labels.estimators, labels.readings):
        if len(words) > 1 and words[-1] in known:
            tail.insert(0, known[words.pop()])
    name = " ".join(words)
    if not tail:
        return Text(en=name, zh=name)
    return Text(en=f"{name} {', '.join(t.en for t in tail)}", zh=f"{name} {'，'.join(t.zh for t in tail)}")


def option_key(option: object) -> str:
    """An option as labels name it: 0, 0.0 and "0" are one."""
    try:
        return f"{float(str(option)):g}"
    except ValueError:
        return str(option)


def option_label(study: Study, choice: str, option: object) -> Text:
    """The name of an option of a choice: from the labels, by arithmetic for shares, else the bare id."""
    options = load_labels().options.get(choice, {})
    option = option_key(option)
    if option in options:
        return options[option]
    if choice == "winsorise":
        share = f"{float(option):.1%}".replace(".0%", "%")
        return Text(en=f"{share} each tail", zh=f"两端各{share}")
    if choice == "controls" and option.startswith("without_"):
        name = option.removeprefix("without_")
        # The study's own name is the short one.
        return Text(
            en=f"without {name.replace('_', ' ')}", zh=f"不含{variable_label(study, name, transformed=False).zh}"
        )
    return Text(en=option, zh=option)


def inner(text: str) -> str:
    """`text` as it stands inside a phrase: a small first letter, unless it starts with an abbreviation."""
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
