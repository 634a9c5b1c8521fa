"""docs/<language>/input-files.md: the hand-written guide with an example and the refusals of every layout inserted.

Belongs here: the order and form of the page. Its hand-written text: docs/templates/.
"""

import re
from collections import Counter
from functools import cache

import yaml

from catalog.base import refuse
from catalog.messages import common_codes, layout_codes, load_messages
from ingestion import FileReading
from ingestion.readers import EVERY_LAYOUT
from ingestion.readers.base import FileLayout, Layout
from medpanel.guide.examples import FAMILIES, LayoutExample, examples, read_example
from medpanel.guide.pages import DOCS, anchor, note, table
from medpanel.guide.pictures import cell, picture, yields
from medpanel.language import Language
from medpanel.templates import KINDS
from medpanel.templates.divisions import NAME as DIVISIONS

NAME = "input-files"
TEMPLATES = DOCS / "templates"
_TEXT = 400
_BESIDE = 9
# Of every example once, for both languages.
_read = cache(read_example)
_SLOTS = ("contents", "layouts", "common refusals")
_WORDS = {
    "en": {
        "several": "Of several families:",
        "read": "Read: {}",
        "refusals": "**Refusals**",
        "all": "- All of them",
        "only": "- {}",
        "also": "- also {}",
        "colon": ": ",
        "code": "code",
        "what": "what is wrong",
        "fix": "what to do",
    },
    "zh": {
        "several": "多个类别共有：",
        "read": "读取结果：{}",
        "refusals": "**拒绝信息**",
        "all": "- 均有",
        "only": "- {}",
        "also": "- {} 另有",
        "colon": "：",
        "code": "代码",
        "what": "问题",
        "fix": "处理",
    },
}


def render(language: Language) -> str:
    """The page. Raises ValueError for a layout without an example, or whose example does not load completely."""
    layouts = {layout.name: layout for layout in EVERY_LAYOUT}
    shown = examples()
    lacking = ", ".join(sorted(layouts.keys() - {example.layout for example in shown}))
    refuse((lacking, f"no example in medpanel/guide/examples of {lacking}"))
    codes = {name: layout_codes(name) for name in layouts}
    of_families = {family: [example for example in shown if example.family == family] for family in FAMILIES}
    told = Counter(code for mine in of_families.values() for code in _codes(mine, codes))
    shared = {code for code in told if told[code] > 1}
    words, contents, body = _WORDS[language], [], []
    for family, titles in FAMILIES.items():
        mine, title = of_families[family], titles[language == "zh"]
        contents.append(f"- [{title}](#{family}){words['colon']}{_links(mine)}")
        body += [anchor(family), "", f"## {title}", ""]
        first = {example.layout: example for example in reversed(mine)}
        for example in mine:
            body += _section(example, layouts[example.layout], example is first[example.layout], language)
        body += _refusals(mine, codes, shared, language)
    common = [*_wording(common_codes(), language), "", words["several"], "", *_wording(frozenset(shared), language)]
    return _filled_in(language, (contents, body, common))


def _filled_in(language: Language, slots: tuple[list[str], ...]) -> str:
    """The template with its slots replaced. Raises ValueError where one is missing."""
    template = TEMPLATES / f"{NAME}.{language}.md"
    kinds = ", ".join(f"`{kind}`" for kind in (*KINDS, DIVISIONS))
    page = template.read_text(encoding="utf-8").replace("(template kinds)", kinds)
    for slot, lines in zip(_SLOTS, slots, strict=True):
        marker = f"<!-- {slot} -->\n"
        refuse((page.count(marker) != 1, f"{template}: expected the line {marker.strip()} once"))
        page = page.replace(marker, "\n".join(lines).rstrip("\n") + "\n")
    made_from = f"docs/templates/{template.name}, medpanel/guide/examples, ingestion/readers"
    return f"{note(language, made_from)}\n\n{page}"


def _codes(mine: list[LayoutExample], codes: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*(codes[example.layout] for example in mine))


def _links(mine: list[LayoutExample]) -> str:
    return ", ".join(f"[{name}](#{name})" for name in dict.fromkeys(example.layout for example in mine))


def _section(example: LayoutExample, layout: Layout | FileLayout, titled: bool, language: Language) -> list[str]:
    reading, colon = _read(example), _WORDS[language]["colon"].strip()
    name, text = (layout.title_zh, example.text_zh) if language == "zh" else (layout.title_en, example.text_en)
    title = [anchor(layout.name), "", f"### {layout.name}", "", f"**{name}**"]
    told = ["", text, "", f"`{example.name}`{colon}", ""]
    lines = [*(title if titled else []), *told, *picture(example, language), ""]
    for name, content in example.companions.items():
        if name.endswith((".yaml", ".csv")):
            beside = content.splitlines()
            more = [f"… {len(beside) - _BESIDE} more lines"] if len(beside) > _BESIDE + 1 else []
            fence = "yaml" if name.endswith(".yaml") else "text"
            shown = beside[:_BESIDE] if more else beside
            lines += [f"`{name}`{colon}", "", f"```{fence} companion", *shown, *more, "```", ""]
    return [*lines, "```yaml", *entry_lines(example), "```", "", *_what_was_read(example, reading, language), ""]


def _what_was_read(example: LayoutExample, reading: FileReading, language: Language) -> list[str]:
    return [_WORDS[language]["read"].format(yields(example, reading, language))]


def entry_lines(example: LayoutExample) -> list[str]:
    """The entry as YAML, with short lists and mappings on one line."""
    lines = []
    for key, value in example.whole_entry().items():
        # None puts what holds scalars only on one line; a scalar itself would get braces by it.
        style = None if isinstance(value, dict | list) else False
        text = yaml.safe_dump({key: value}, sort_keys=False, allow_unicode=True, default_flow_style=style, width=110)
        lines += text.splitlines()
    return [("- " if number == 0 else "  ") + line for number, line in enumerate(lines)]


def _refusals(
    mine: list[LayoutExample], codes: dict[str, frozenset[str]], shared: set[str], language: Language
) -> list[str]:
    """One table for a family, and for each layout the codes not shared by the whole family."""
    words = _WORDS[language]
    names = list(dict.fromkeys(example.layout for example in mine))
    every = frozenset.intersection(*(codes[name] for name in names))
    own = _codes(mine, codes) - shared
    told = words["all"] if len(names) > 1 else words["only"].format(f"`{names[0]}`")
    also = words["also"] if every else words["only"]
    groups = {told: every, **{also.format(f"`{name}`"): codes[name] - every for name in names}}
    lines = [f"{head}{words['colon']}{_code_list(group)}" for head, group in groups.items() if group]
    return [words["refusals"], "", *lines, "", *(_wording(own, language) if own else []), ""]


def _code_list(codes: frozenset[str]) -> str:
    return ", ".join(f"[`{code}`](#refusal-{code})" for code in sorted(codes))


def _wording(codes: frozenset[str], language: Language) -> list[str]:
    rows = [[_WORDS[language][column] for column in ("code", "what", "fix")]]
    for code in sorted(codes):
        message = load_messages()[code]
        wording = message.zh if language == "zh" else message.en
        what, fix = (cell(_filled(text), _TEXT) for text in (wording.what, wording.fix))
        rows.append([f"{anchor(f'refusal-{code}')}`{code}`", what, fix])
    return table(rows)


def _filled(text: str) -> str:
    return re.sub(r"\{(found|expected|hint|path)\}", "…", text).replace("{{", "{").replace("}}", "}")
