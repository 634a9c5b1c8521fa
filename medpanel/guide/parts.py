"""docs/<language>/parts.md: what each part of a study needs, makes and shows, and its options.

Belongs here: the page. Does not belong here: any text about a part; that is in its part.py and its options.
"""

import inspect
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from catalog.base import refuse
from catalog.part_options import PartOptions, known_parts
from catalog.tables import load_tables
from medpanel.guide.pages import anchor, note, said, table
from medpanel.language import Language
from models_py.parts.frame import VARIABLES, Part
from models_py.parts.registry import all_parts

NAME = "parts"
_HEAD = {
    "en": """\
# Parts of a study

A study file is a header and a list of parts ([a study of your own](studies/your-own-study.md)). A part is found by its
place: its options in `catalog/parts/<part>.py`, everything else in `models_py/parts/<part>/`. Parts run in the order of
what they need.
""",
    "zh": """\
# 研究的组成部分

研究文件由文件头与各部分的列表组成（见[建立自己的研究](studies/your-own-study.md)）。各部分放入相应文件夹即完成登记：选项在
`catalog/parts/<part>.py`，其余在 `models_py/parts/<part>/`；按所需数据的先后运行。
""",
}
_WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "needs": "needs",
        "uses": "uses if available",
        "makes": "makes",
        "offers": "offers as variables",
        "shows": "shows",
        "columns": "columns of {}",
        "variables": "the variables of other parts",
        "share": " (a share)",
        "nothing": "no table of its own",
        "no options": "No options.",
        "required": "required",
        "header": ("option", "values", "default"),
        "colon": ": ",
        "comma": ", ",
        "between": "; ",
        "stop": ".",
        "brackets": " ({})",
    },
    "zh": {
        "needs": "需要",
        "uses": "可选用",
        "makes": "生成",
        "offers": "提供变量",
        "shows": "展示",
        "columns": "{} 的各列",
        "variables": "其他部分的变量",
        "share": "（部分行）",
        "nothing": "无自己的表",
        "no options": "无选项。",
        "required": "必填",
        "header": ("选项", "取值", "默认"),
        "colon": "：",
        "comma": "、",
        "between": "；",
        "stop": "。",
        "brackets": "（{}）",
    },
}
_KINDS = {"table": "表", "figure": "图"}
# A model is written as a mapping.
_KINDS_OF_VALUES: dict[str, dict[Any, str]] = {
    "en": {str: "text", int: "whole number", float: "number", Decimal: "number", bool: "true or false", date: "day"},
    "zh": {str: "文本", int: "整数", float: "数值", Decimal: "数值", bool: "true 或 false", date: "日期"},
}


def render(language: Language) -> str:
    """The page. Raises ValueError for a part that makes a table the catalog does not declare."""
    known, parts, words = known_parts(), all_parts(), _WORDS[language]
    listed = [f"- [{name}](#part-{name}){words['colon']}{said(part.summary, language)}" for name, part in parts.items()]
    sections = (_section(name, part, known[name], language) for name, part in parts.items())
    head = note(language, "catalog/parts, models_py/parts")
    return "\n".join([head, "", _HEAD[language], *listed, "", *sections])


def _section(name: str, part: Part, options: type[PartOptions], language: Language) -> str:
    words = _WORDS[language]
    kinds = _KINDS if language == "zh" else {}
    shown = [
        said(show.title, language) + words["brackets"].format(kinds.get(show.kind, show.kind)) for show in part.shows
    ]
    facts = {
        "needs": _names(part.needs, words),
        "uses": _names(part.uses, words),
        "makes": _tables(part, words),
        "offers": words["columns"].format(_names(part.offers, words)) if part.offers else "",
        "shows": words["between"].join(shown),
    }
    lines = [anchor(f"part-{name}"), "", f"## {name}", "", said(part.summary, language) + words["stop"], ""]
    lines += [f"- {words[what]}{words['colon']}{text}" for what, text in facts.items() if text]
    return "\n".join([*lines, "", *_options(name, options, language)])


def _names(names: tuple[str, ...], words: dict[str, Any]) -> str:
    return words["comma"].join(words["variables"] if name == VARIABLES else f"`{name}`" for name in names)


def _tables(part: Part, words: dict[str, Any]) -> str:
    lacking = ", ".join(table for table in part.makes if table not in load_tables())
    refuse((lacking, f"tables that catalog/tables.yaml does not declare: {lacking}"))
    shares = [f"`{table}`" + ("" if table in part.whole else words["share"]) for table in part.makes]
    return words["comma"].join(shares) or words["nothing"]


def _options(name: str, options: type[PartOptions], language: Language) -> list[str]:
    words = _WORDS[language]
    rows = [
        [
            f"`{key}`",
            kind_of(field.annotation, language),
            words["required"] if field.is_required() else default_of(field),
        ]
        for key, field in options.model_fields.items()
        if key != "name"
    ]
    if not rows:
        return [words["no options"], ""]
    refuse((not options.zh, f"catalog/parts/{name}.py: Options has no `zh`, what its docstring says in Chinese"))
    text = options.zh if language == "zh" else " ".join((inspect.getdoc(options) or "").split())
    return [text, "", *table([list(words["header"]), *rows]), ""]


def kind_of(annotation: Any, language: Language) -> str:
    """The values of a key as someone writing YAML needs them: lists in [], mappings in {}, choices as written."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind_of(inner[0], language)
    if origin is Literal:
        return " \\| ".join(f"`{choice}`" for choice in inner)
    if origin in (Union, UnionType):
        return " \\| ".join(kind_of(one, language) for one in inner if one is not NoneType)
    if origin is tuple:
        return "[" + ", ".join("…" if one is Ellipsis else kind_of(one, language) for one in inner) + "]"
    if origin is dict:
        return "{" + ": ".join(kind_of(one, language) for one in inner) + "}"
    plain_kinds: dict[Any, str] = _KINDS_OF_VALUES[language]
    return plain_kinds.get(annotation, "{…}")


def default_of(field: FieldInfo) -> str:
    """What is taken where a key is not given, as it would be written; nothing where nothing is."""
    default = field.get_default(call_default_factory=True)
    if default is None or default == () or default == {} or isinstance(default, BaseModel):
        return ""
    written = [*default] if isinstance(default, tuple) else default
    return f"`{str(written).lower() if isinstance(written, bool) else written}`"
