"""docs/<language>/reference/sources.md and study-files.md: every key a user's YAML file may have.

Belongs here: the two pages. Values and defaults are those of the models in catalog/; what a key says: keys.yaml.
Does not belong here: the options of parts (parts.py).
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from catalog.base import Strict, read_yaml, refuse, validate
from medpanel.guide.pages import LANGUAGES, note, plain, table
from medpanel.guide.parts import default_of, kind_of
from medpanel.language import Language

SOURCES, STUDY_FILES = "reference/sources", "reference/study-files"
TEXTS = Path(__file__).with_name("keys.yaml")
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "columns": ("key", "values", "default", "what it says"),
        "required": "required",
        SOURCES: "# Keys of sources.yaml\n\nEvery key of `sources.yaml` and of the files it names. How to use them: "
        "[input files](../input-files.md).",
        STUDY_FILES: "# Keys of study files\n\nThe header of a study file; the options of its parts are under "
        "[parts](../parts.md). How to write one: [a study of your own](../studies/your-own-study.md).",
    },
    "zh": {
        "columns": ("键", "取值", "默认", "含义"),
        "required": "必填",
        SOURCES: "# sources.yaml 的键\n\n`sources.yaml` 及其所引文件的全部键。用法见[输入文件](../input-files.md)。",
        STUDY_FILES: "# 研究文件的键\n\n研究文件的文件头；各部分的选项见[各部分](../parts.md)。写法见"
        "[建立自己的研究](../studies/your-own-study.md)。",
    },
}


class Keys(Strict):
    """What the keys of one model say; each text is English, then Chinese."""

    model: str
    title: tuple[str, str]
    keys: dict[str, tuple[str, str]] = Field(min_length=1)

    @property
    def declared(self) -> dict[str, Any]:
        """The fields of the model by the key a file has them under; what no file holds is left out."""
        module, _, name = self.model.rpartition(".")
        model: type[BaseModel] = getattr(import_module(module), name)
        return {field.alias or key: field for key, field in model.model_fields.items() if not field.exclude}

    def _consistent(self) -> None:
        apart = ", ".join(sorted(set(self.declared) ^ set(self.keys)))
        refuse((apart, f"{self.model}: declared and not explained, or explained and not declared: {apart}"))


def load_keys() -> dict[str, tuple[Keys, ...]]:
    """keys.yaml by page. Raises CatalogError for a key that is not explained, or not declared."""
    return validate(dict[str, tuple[Keys, ...]], read_yaml(TEXTS), TEXTS)


def render(name: str, language: Language) -> str:
    """One of the two pages."""
    words, at = _WORDS[language], LANGUAGES.index(language)
    lines = [note(language, "catalog/, medpanel/guide/keys.yaml"), "", words[name], ""]
    for one in load_keys()[name]:
        rows = [
            [
                f"`{key}`",
                kind_of(field.annotation, language),
                words["required"] if field.is_required() else plain(default_of(field)),
                plain(one.keys[key][at]),
            ]
            for key, field in one.declared.items()
        ]
        lines += [f"## {one.title[at]}", "", *table([list(words["columns"]), *rows]), ""]
    return "\n".join(lines).rstrip("\n") + "\n"
