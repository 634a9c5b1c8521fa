"""YAML to Python values, within bounds that hold before anything is built: a declaration may come from anybody.

Belongs here: the bounds, and building from the parser's events. PyYAML builds by recursion, which a nesting of 100,000
levels turns into a crash of the interpreter, and builds all of the file before anybody can count. Which keys a file may
have: the models. Where it lies and how its errors are told: base.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

# 60,000 entries of sources.yaml are some 12 MB and 900,000 values.
MOST_BYTES = 32 * 2**20
MOST_VALUES = 2_000_000
# The deepest declaration has about ten levels.
MOST_LEVELS = 64
# No number, date or truth value is longer; what is, is text.
_LONGEST_PLAIN = 64

_MAP, _SEQ, _STR = (f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str"))
# The C loader is ten times as fast; Dagster loads the catalog again and again.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlBoundsError(ValueError):
    """The file is more than a declaration can be."""


class RepeatedKeyError(ValueError):
    """YAML silently keeps the last of two equal keys; a registry must not."""


class _Scalars(_Loader):
    """Values of single texts; of collections nothing."""

    def value(self, event: Any) -> Any:
        """The value of a text: as its tag says, else by its form, unless it stands in quotes."""
        tag = event.tag if event.tag not in (None, "!") else self._implied(event)
        if tag == _STR:
            return event.value
        make = self.yaml_constructors.get(tag, self.yaml_constructors[None])
        return make(self, yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))

    def _implied(self, event: Any) -> str:
        plain = event.implicit[0] and event.tag is None and len(event.value) <= _LONGEST_PLAIN
        return str(self.resolve(yaml.ScalarNode, event.value, (True, False))) if plain else _STR


def _date(loader: _Scalars, node: yaml.ScalarNode) -> Any:
    """A day or time; what only looks like one, such as 2026-02-30, stays the text it is."""
    try:
        return yaml.constructor.SafeConstructor.construct_yaml_timestamp(loader, node)
    except ValueError:
        return str(node.value)


_Scalars.add_constructor("tag:yaml.org,2002:timestamp", _date)


@dataclass
class _Open:
    """A list or mapping not yet at its end. `size`: its values, those of aliases as often as they are named."""

    made: Any
    anchor: str | None
    size: int = 1
    key: Any = None
    has_key: bool = False

    def add(self, value: Any, size: int, line: int) -> None:
        """Take in the next value. Raises RepeatedKeyError."""
        self.size += size
        if isinstance(self.made, list):
            self.made.append(value)
        elif not self.has_key:
            if value in self.made:
                raise RepeatedKeyError(f"line {line}: the key {value!r} occurs twice / 第{line}行：键“{value}”重复")
            self.key, self.has_key = value, True
        else:
            self.made[self.key] = value
            self.has_key = False


@dataclass
class _Builder:
    """What was built so far: open collections from the outermost on, and finished ones by their anchors."""

    loader: Any
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)
    values: int = 0
    root: Any = None

    def begin(self, event: Any, made: Any, tag: str) -> None:
        """Open a list or mapping. Raises YamlBoundsError, and ConstructorError for any other tag."""
        if event.tag not in (None, "!", tag):
            self.loader.construct_undefined(yaml.ScalarNode(event.tag, "", event.start_mark, event.end_mark))
        if len(self.open) >= MOST_LEVELS:
            raise _beyond(event, f"{MOST_LEVELS} levels", f"{MOST_LEVELS} 层嵌套")
        self.open.append(_Open(made, event.anchor))

    def end(self, event: Any) -> None:
        """Close the innermost collection."""
        done = self.open.pop()
        self.take(event, done.made, done.size, done.anchor)

    def scalar(self, event: Any) -> None:
        """Take in a text. Of plain ones most repeat others."""
        if event.tag is None and event.implicit[0]:
            if event.value not in self.plain:
                self.plain[event.value] = self.loader.value(event)
            value = self.plain[event.value]
        else:
            value = self.loader.value(event)
        self.take(event, value, 1, event.anchor)

    def alias(self, event: Any) -> None:
        """Take in once more what has that anchor. Raises ComposerError where nothing finished has it."""
        if event.anchor not in self.anchors:
            raise yaml.composer.ComposerError(None, None, f"found undefined alias {event.anchor!r}", event.start_mark)
        self.take(event, *self.anchors[event.anchor], None)

    def take(self, event: Any, value: Any, size: int, anchor: str | None) -> None:
        """Put a finished value where it belongs. Raises YamlBoundsError."""
        if anchor is not None:
            self.anchors[anchor] = value, size
        self.values += 1 if isinstance(event, yaml.ScalarEvent) else 0
        if max(size, self.values, self.open[-1].size if self.open else 0) > MOST_VALUES:
            raise _beyond(event, f"{MOST_VALUES:,} values", f"{MOST_VALUES:,} 个值")
        if self.open:
            self.open[-1].add(value, size, event.start_mark.line + 1)
        else:
            self.root = value


def load_yaml(text: str) -> Any:
    """The values of a YAML document, None of an empty one; `text` need not be read further than MOST_BYTES + 1.

    Raises yaml.YAMLError, YamlBoundsError, RepeatedKeyError, ValueError for a value that is none, and TypeError for a
    list as a key.
    """
    _require_size(len(text))
    loader = _Scalars(text)
    try:
        builder = _Builder(loader)
        takers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: builder.scalar,
            yaml.AliasEvent: builder.alias,
            yaml.MappingStartEvent: lambda event: builder.begin(event, {}, _MAP),
            yaml.SequenceStartEvent: lambda event: builder.begin(event, [], _SEQ),
            yaml.MappingEndEvent: builder.end,
            yaml.SequenceEndEvent: builder.end,
        }
        documents = 0
        while loader.check_event():
            event = loader.get_event()
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise yaml.composer.ComposerError(None, None, "but found another document", event.start_mark)
            take = takers.get(type(event))
            if take is not None:
                take(event)
        return builder.root
    finally:
        loader.dispose()


def _require_size(size: int) -> None:
    most = f"{MOST_BYTES // 2**20} MiB"
    if size > MOST_BYTES:
        raise YamlBoundsError(
            f"the file has more than {most}, which no declaration needs; split it, or do not use one you did not write "
            f"/ 文件超过 {most}，声明文件无需如此；请拆分，来源不明者请勿使用"
        )


def _beyond(event: Any, most: str, most_zh: str) -> YamlBoundsError:
    line = event.start_mark.line + 1
    return YamlBoundsError(
        f"line {line}: more than {most}, which no declaration needs; split the file, or do not use one you did not "
        f"write / 第{line}行：超过 {most_zh}，声明文件无需如此；请拆分，来源不明者请勿使用"
    )
