"""The new study file written from the old one's own lines, so that its comments and layout stay.

Belongs here: lines, indents, comments. Does not belong here: what the new file says (study_data.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from medpanel.migrate.study_data import RENAMED, Data, extra_of_exposure, extra_of_index, parts_of_the_paper

_COMMENT = re.compile(r"(?:^|\s)#\s?(.*)$")


@dataclass(frozen=True)
class Section:
    """A key of the old file: the comments above it, its own line, and the lines below."""

    above: tuple[str, ...]
    beside: str
    below: tuple[str, ...]


def comments_of(text: str) -> list[str]:
    """The comments of a YAML file, in order; a # inside quoted text may be taken for one."""
    found = (_COMMENT.search(line) for line in text.splitlines())
    return [match.group(1).strip() for match in found if match is not None and match.group(1).strip()]


def dumped(before: str, data: Data) -> str:
    """The new file from its data alone, under the opening comments of the old one."""
    head = [line for line in _head(before.splitlines()) if line.strip()]
    body = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110)
    return "\n".join([*head, body])


def rewritten(before: str, old: Data) -> str | None:
    """The new file from the lines of the old one; None if its layout does not allow that.

    Raises YAMLError if a line cannot be changed alone. The text may still differ in meaning from the old one.
    """
    text = _edited(before)
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    lines = text.splitlines()
    if not isinstance(node, yaml.MappingNode) or node.flow_style:
        return None
    sections = _sections(node, lines)
    made = [*_head(lines), *_header(sections, old), "", "parts:", *_parts(sections, old)]
    return "\n".join([*made, *_tail(lines)]) + "\n"


def _header(sections: dict[str, Section], old: Data) -> list[str]:
    made = [line for key in ("id", "title", "paper") if old.get(key) is not None for line in _entry(key, sections[key])]
    made += ["panel:", "  unit: province", *_entry("years", sections["years"], 2)]
    if old.get("provisional_years"):
        made += _entry("provisional_years", sections["provisional_years"], 2)
    return [*made, "", *_entry("variables", sections["controls"])]


def _parts(sections: dict[str, Section], old: Data) -> list[str]:
    """All parts, separated by blank lines, the parts of the paper last."""
    parts = []
    if old.get("index") is not None:
        extra = [f"{key}: {_flow(value)}" for key, value in extra_of_index(old).items()]
        parts.append(_part("performance_index", _extended(sections["index"], old["index"], extra)))
    if old.get("exposure") is not None:
        shown = sections["figure_1"].above if old.get("figure_1") is not None else ()
        extra = [f"{key}: {_flow(value)}" for key, value in extra_of_exposure(old).items()]
        parts.append(_part("exposure", _extended(sections["exposure"], old["exposure"], [*shown, *extra])))
    models = [*_entry("headline", sections["headline"], 6), *_entry("models", sections["models"], 6)]
    parts.append(["  - regressions:", *models])
    parts += [_part(part, sections[name]) for name, part in RENAMED.items() if old.get(name) is not None]
    parts += [[f"  - {part}: {{}}"] for part in parts_of_the_paper(old)]
    return [line for part in parts for line in ("", *part)][1:]


def _part(name: str, section: Section) -> list[str]:
    return _entry(name, section, 2, "- ")


def _entry(name: str, section: Section, indent: int = 0, dash: str = "") -> list[str]:
    """A key with its comments and value, moved to another indent."""
    pad = " " * indent
    key = f"{pad}{dash}{name}: {section.beside}".rstrip()
    return [*(pad + line for line in section.above), key, *_moved(section.below, indent + len(dash) + 2)]


def _extended(section: Section, data: Data, extra: Sequence[str]) -> Section:
    """A section with further keys; one in braces is first written out in lines."""
    if not extra:
        return section
    below = section.below
    if section.beside and not section.beside.startswith("#"):
        below = tuple(yaml.safe_dump(data, allow_unicode=True, sort_keys=False).splitlines())
        section = Section(section.above, "", below)
    return Section(section.above, section.beside, (*_moved(below, 0), *extra))


def _moved(lines: Sequence[str], indent: int) -> list[str]:
    """The lines moved so that the outermost text is at an indent, with comments no further left."""
    base = min((_depth(line) for line in lines if line.strip() and not line.lstrip().startswith("#")), default=0)
    pad = " " * indent
    return [pad + line[min(base, _depth(line)) :] if line.strip() else "" for line in lines]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _flow(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=True, width=1000).strip()


def _sections(node: yaml.MappingNode, lines: Sequence[str]) -> dict[str, Section]:
    """The keys of a file, each with the comments directly above it."""
    starts = [key.start_mark.line for key, _ in node.value]
    ends = [*starts[1:], len(lines)]
    found: dict[str, Section] = {}
    above: tuple[str, ...] = ()
    for (key, _), start, end in zip(node.value, starts, ends, strict=True):
        body = list(lines[start:end])
        following = _trailing(body)
        body = body[: len(body) - len(following)]
        beside = body[0].split(":", 1)[1].strip()
        found[key.value] = Section(above, beside, tuple(body[1:]))
        above = tuple(line for line in following if line.strip())
    return found


def _trailing(lines: Sequence[str]) -> list[str]:
    """The blank lines and outermost comments at the end of a stretch of lines."""
    outer = [not line.strip() or line.startswith("#") for line in reversed(lines)]
    count = outer.index(False) if False in outer else len(lines)
    return list(lines[len(lines) - count :])


def _head(lines: Sequence[str]) -> list[str]:
    """The comments and blank lines at the start of a file, and any document marker among them."""
    first = next((i for i, line in enumerate(lines) if line.strip() and not line.startswith(("#", "---"))), len(lines))
    return list(lines[:first])


def _tail(lines: Sequence[str]) -> list[str]:
    """The comments at the end of a file."""
    kept = [line for line in _trailing(lines) if line.strip()]
    return ["", *kept] if kept else []


def _edited(text: str) -> str:
    """The old text with the renamed keys inside sections under their new names."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    sections = {key.value: value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
    declared = [key for key, _ in _pairs(sections.get("controls")) if key.value == "variables"]
    models = sections.get("models")
    entries = [entry for model in getattr(models, "value", ()) for entry in _pairs(model)]
    # A model told by an alias stands in the text once.
    edits = {(key.start_mark.index, key.end_mark.index, "declared") for key in declared}
    edits |= {_variant(text, key.start_mark.index, value) for key, value in entries if key.value == "weighting"}
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _pairs(node: Any) -> Iterable[tuple[Any, Any]]:
    return node.value if isinstance(node, yaml.MappingNode) else ()


def _variant(text: str, start: int, value: yaml.Node) -> tuple[int, int, str]:
    """The stretch of `weighting: ...` and its replacement: nothing, comma before it included, for equal weights."""
    end = value.end_mark.index
    if value.value != "equal":
        return start, end, f"variant: {{weighting: {value.value}}}"
    before = text[:start].rstrip()
    return (len(before) - 1 if before.endswith(",") else len(before)), end, ""
