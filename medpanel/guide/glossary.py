"""docs/<language>/glossary.md: terms in both languages, words of the project first, then names from the registry.

Belongs here: the page. Words with a sense of their own: glossary.yaml; names of variables, methods, tests and units:
catalog/. Does not belong here: indicators, which have a page of their own.
"""

from pathlib import Path
from typing import Any

from catalog.base import Strict, Text, read_yaml, validate
from catalog.indicators import load_registry
from catalog.labels import load_labels
from medpanel.guide.pages import LANGUAGES, note, plain, table
from medpanel.language import Language

NAME = "glossary"
TEXTS = Path(__file__).with_name("glossary.yaml")
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "title": "Glossary",
        "head": "Terms in both languages. [Indicators](reference/indicators.md) and [tables](reference/tables.md) have "
        "pages of their own, in both languages too.",
        "words": "Words of medpanel",
        "columns": ("English", "中文", "meaning"),
        "names": ("name in tables", "English", "中文"),
        "variables": "Variables",
        "methods": "Standard errors and intervals",
        "estimators": "Estimators",
        "weights": "Spatial weights",
        "tests": "Tests and diagnostics",
        "units": "Units",
    },
    "zh": {
        "title": "术语表",
        "head": "中英文术语对照。[指标](reference/indicators.md)与[表](reference/tables.md)另有专页，同样中英对照。",
        "words": "medpanel 用语",
        "columns": ("English", "中文", "含义"),
        "names": ("表中名称", "English", "中文"),
        "variables": "变量",
        "methods": "标准误与区间",
        "estimators": "估计方法",
        "weights": "空间权重",
        "tests": "检验与诊断",
        "units": "单位",
    },
}


class Term(Strict):
    """One word and its meaning, English then Chinese."""

    term: tuple[str, str]
    means: tuple[str, str]


def load_terms() -> tuple[Term, ...]:
    """glossary.yaml. Raises CatalogError."""
    return validate(tuple[Term, ...], read_yaml(TEXTS), TEXTS)


def render(language: Language) -> str:
    """The page."""
    words, at = _WORDS[language], LANGUAGES.index(language)
    terms = sorted(load_terms(), key=lambda one: one.term[0].lower())
    rows = [[*one.term, plain(one.means[at])] for one in terms]
    lines = [
        note(language, "medpanel/guide/glossary.yaml, catalog/"),
        "",
        f"# {words['title']}",
        "",
        words["head"],
    ]
    lines += ["", f"## {words['words']}", "", *table([list(words["columns"]), *rows]), ""]
    for group, named in _of_registry().items():
        rows = [[f"`{name}`", plain(text.en), plain(text.zh)] for name, text in named.items()]
        lines += [f"## {words[group]}", "", *table([list(words["names"]), *rows]), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _of_registry() -> dict[str, dict[str, Text]]:
    labels = load_labels()
    units = {symbol: Text(en=unit.en, zh=symbol) for symbol, unit in load_registry().units.items()}
    return {
        "variables": dict(labels.variables),
        "methods": labels.methods,
        "estimators": labels.estimators,
        "weights": labels.weights,
        "tests": labels.tests,
        "units": units,
    }
