"""What is wrong with a YAML file somebody wrote: the line, the key, what stands there and what is meant, in both
languages.

Belongs here: finding the place of a fault in the text, taking a number, date or yes/no as text where text is meant,
wording (key_faults.yaml). Does not belong here: what a file may say (the models), and files of data (ingestion/).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from catalog.key_errors import AtKey, Broken, Loc, OfPart, Unknown, nearest
from catalog.model_keys import keys_at
from catalog.written import KEY, Written

_TEXTS = Path(__file__).with_suffix(".yaml")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FULL_WIDTH = re.compile(r"[：，“”‘’［］｛｝\u3000]")
_SHOWN = 60


@dataclass(frozen=True)
class Fault:
    """One fault: its key, what pydantic says of it, and the keys that may stand there."""

    scopes: tuple[Loc, ...]
    said: Mapping[str, Any]
    known: tuple[str, ...] = ()

    @property
    def loc(self) -> Loc:
        """The key, from the top of the file."""
        return tuple(part for scope in self.scopes for part in scope)

    @property
    def place(self) -> str:
        """The key as it is printed."""
        return ": ".join(".".join(map(str, scope)) for scope in self.scopes if scope)


def validated(kind: Any, data: Any, path: Path, written_out: Mapping[str, str]) -> tuple[Any, list[str]]:
    """`data` as the model and no lines, or None and what is wrong with it, a line in each language for each fault.

    What was typed without quotes is taken as text where the model wants text. `written_out`: how a key may be written
    that is missing.
    """
    adapter, written = TypeAdapter(kind), Written.of(path)
    data, before = _copied(data), None
    while True:
        try:
            return adapter.validate_python(data), []
        except ValidationError as error:
            faults = list(_faults(kind, error))
            retold = [loc for loc in map(_wants_text, faults) if loc and _retell(data, loc, written)]
            if not retold or retold == before:
                return None, told(faults, data, written, written_out)
            before = retold


def _copied(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(value) for value in data] if isinstance(data, list) else data


def _wants_text(fault: Fault) -> Loc:
    return fault.loc if fault.said["type"] == "string_type" else ()


def _retell(data: Any, loc: Loc, written: Written) -> bool:
    """Put the text typed in the place of what YAML made of it; False where that was text, or is not in the file."""
    *path, last = loc
    of_key = last == KEY
    if of_key:
        *path, last = path
    holder = _step(data, path)
    stands_there = last in holder if isinstance(holder, dict) else isinstance(holder, list)
    if not stands_there:
        return False
    text = written.text(loc, last if of_key else _step(data, [*path, last]))
    if text is None:
        return False
    if of_key and isinstance(holder, dict):
        renamed = {text if key == last else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(renamed)
    elif isinstance(holder, dict) or isinstance(last, int):
        holder[last] = text
    return True


def _step(data: Any, loc: Iterable[str | int]) -> Any:
    """What stands at a place; steps pydantic adds are passed over."""
    for part in loc:
        of_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if of_list or (isinstance(data, dict) and part in data):
            data = data[part]
    return data


def _faults(kind: Any, error: ValidationError, scopes: tuple[Loc, ...] = ()) -> Iterator[Fault]:
    for said in error.errors():
        cause = (said.get("ctx") or {}).get("error")
        if isinstance(cause, OfPart):
            yield from _faults(cause.kind, cause.error, (*scopes, said["loc"], (cause.name,)))
        else:
            below = cause.at if isinstance(cause, AtKey) else ()
            yield Fault((*scopes, (*said["loc"], *below)), said, keys_at(kind, said["loc"][:-1]))


def told(faults: list[Fault], data: Any, written: Written, written_out: Mapping[str, str] | None = None) -> list[str]:
    """A line in English and one in Chinese for every fault that does not follow from another one."""
    stated = {(one.loc, one.said["msg"]): one for one in _causes(faults)}
    return [line for one in stated.values() for line in _lines(one, data, written, written_out or {})]


def place_of(path: Path, key: Loc) -> tuple[str, str]:
    """Where a key stands, in English and in Chinese: the file, the line, the key. For what only data can tell of it."""
    word, place = _texts()["words"], ".".join(map(str, key))
    line = Written.of(path).line(key)
    at = {language: word["line"][language].format(line) if line else "" for language in ("en", "zh")}
    return f"{path}{at['en']}: {place}", f"{path}{at['zh']}：{place}"


def _causes(faults: list[Fault]) -> list[Fault]:
    """The faults without those of what is around another one, and without a key missing that stands there misspelt."""
    meant = {
        (*one.loc[:-1], nearest(str(one.loc[-1]), one.known)) for one in faults if one.said["type"] == "extra_forbidden"
    }
    missing = [one for one in faults if one.said["type"] == "missing" and one.loc in meant]
    around = {one.loc[:n] for one in faults for n in range(len(one.loc))}
    own = [one for one in faults if one.loc not in around or one.said["type"] == "value_error"]
    return [one for one in own if one not in missing]


def _lines(fault: Fault, data: Any, written: Written, written_out: Mapping[str, str]) -> list[str]:
    texts, said = _texts(), fault.said
    line, place = written.line(fault.loc), fault.place
    found, near, example = _found(fault, written), _near(fault), ""
    colon = written.colon(str(fault.loc[-1])) if said["type"] == "missing" else None
    if said["type"] == "missing":
        found, near, example = "", "", written_out.get(str(fault.loc[-1]), "")
    lines = []
    for language in ("en", "zh"):
        word = {name: text[language] for name, text in texts["words"].items()}
        what = _what(fault, language, data)
        parts = [f"{place}{word['colon']}{what}" if place else what]
        parts += [word["found"].format(found)] if found and found not in what else []
        parts += [word["nearest"].format(near)] if near else []
        parts += [word["full_width"].format(colon)] if colon else []
        parts += [word["write"].format(example)] if example else []
        at = word["line"].format(line) if line else ""
        lines.append(f"{written.path}{at}{word['colon']}" + word["stop"].join(parts))
    return lines


def _what(fault: Fault, language: str, data: Any) -> str:
    said = fault.said
    cause = (said.get("ctx") or {}).get("error")
    if isinstance(cause, Unknown):
        kind = _texts()["kinds"][cause.kind][language]
        return str(_texts()["unknown"][language]).format(kind=kind, found=cause.found, known=cause.listed)
    if isinstance(cause, Broken):
        return cause.text[language]
    if said["type"] == "value_error":
        return _own(str(said["msg"]).removeprefix("Value error, "), language)
    text = _texts()["types"].get(said["type"])
    if said["type"].endswith("_type") and said["input"] is None:
        text = _texts()["types"]["empty"]
    context = {name: _listed(value, language) for name, value in (said.get("ctx") or {}).items()}
    return str(text[language]).format(**context) if text else str(said["msg"])


def _listed(value: Any, language: str) -> Any:
    """Pydantic lists what may stand in English: 'a', 'b' or 'c'."""
    return value.replace("' or '", "' 或 '") if language == "zh" and isinstance(value, str) else value


def _own(message: str, language: str) -> str:
    """The part of a message `English / 中文` in one language; all of it where it is in one only."""
    english, _, chinese = message.partition(" / ")
    both = _CHINESE.search(chinese) is not None
    return message if not both else english if language == "en" else chinese


def _found(fault: Fault, written: Written) -> str:
    value = fault.said["input"]
    if fault.said["type"] in {"extra_forbidden", "value_error"} or isinstance(value, dict | BaseModel) or value is None:
        return ""
    text = written.text(fault.loc, value) or (value if isinstance(value, str) else repr(value))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _near(fault: Fault) -> str:
    """The known key or value that what stands there is most like."""
    context = fault.said.get("ctx") or {}
    if isinstance(context.get("error"), Unknown):
        return nearest(context["error"].found, context["error"].known)
    if fault.said["type"] == "extra_forbidden":
        return nearest(str(fault.loc[-1]), fault.known)
    return nearest(str(fault.said["input"]), re.findall(r"'([^']*)'", str(context.get("expected", ""))))


def not_yaml(path: Path, error: Exception) -> list[str]:
    """In each language, what is typed by mistake in a file that is no YAML, and in which line.

    Never the line itself: it may be one of a file of persons that somebody declared by its name.
    """
    if isinstance(error, UnicodeDecodeError):
        return [f"{path}: {_texts()['not_utf8'][language]}" for language in ("en", "zh")]
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    number = min(mark.line, len(lines) - 1) if mark is not None and lines else None
    near = [] if number is None else [n for n in (number, number - 1) if n >= 0]
    wide = next((n for n in near if _FULL_WIDTH.search(lines[n].partition("#")[0])), None)
    at = number if wide is None else wide
    cause = "full_width" if wide is not None else _cause(lines[number]) if number is not None else "other"
    told_lines = []
    for language in ("en", "zh"):
        word = {name: text[language] for name, text in _texts()["words"].items()}
        place = "" if at is None else word["line"].format(at + 1)
        problem = getattr(error, "problem", None) or str(error)
        text = str(_texts()["not_yaml"][cause][language]).format(problem=problem)
        told_lines.append(f"{path}{place}{word['colon']}{text}")
    return told_lines


def _cause(line: str) -> str:
    if "\t" in line:
        return "tab"
    if re.search(r"(:|-|\[|,)\s+[%@`*&!|>\[{]", line):
        return "quotes"
    return "quotes" if line.count(": ") > 1 else "other"


@cache
def _texts() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))
    return content
