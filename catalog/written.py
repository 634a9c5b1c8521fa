"""The text of a YAML file somebody wrote, by its keys: where they stand, and what was typed there.

Does not belong here: what is wrong with it (key_faults.py), reading it (base.py) and writing YAML (yaml_text.py).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from catalog.key_errors import Loc

# Where pydantic names the key of a mapping instead of its value.
KEY = "[key]"
# The C loader is ten times as fast. What is composed here has been read within bounds before (yaml_reading.py).
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What is typed in place of an ASCII colon, behind a key.
_COLON = "："


@dataclass(frozen=True)
class Written:
    """The text of a file and its nodes; empty where there is no such file, or where it is no YAML text."""

    path: Path
    lines: tuple[str, ...] = ()
    root: yaml.Node | None = field(default=None, compare=False)

    @classmethod
    def of(cls, path: Path) -> "Written":
        """What stands in the file."""
        try:
            text = path.read_text(encoding="utf-8-sig")
            return cls(path, tuple(text.splitlines()), yaml.compose(text, Loader=_Loader))
        except (OSError, ValueError, yaml.YAMLError):
            return cls(path)

    def pairs(self, loc: Loc) -> list[tuple[yaml.Node | None, yaml.Node]]:
        """(key, value) of every step to a place that stands in the file; steps pydantic adds are passed over."""
        found: list[tuple[yaml.Node | None, yaml.Node]] = [] if self.root is None else [(None, self.root)]
        for part in loc if found else ():
            node = found[-1][1]
            if isinstance(node, yaml.MappingNode):
                found += [pair for pair in node.value if _means(pair[0], part)][:1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                found.append((None, node.value[part]))
        return found

    def line(self, loc: Loc) -> int | None:
        """The line of a key, or of the innermost one around it that stands in the file."""
        steps = self.pairs(loc)[1:]
        marks = [(key or value).start_mark for key, value in steps[-1:]]
        return next((mark.line + 1 for mark in marks), None)

    def text(self, loc: Loc, value: Any) -> str | None:
        """What was typed for a number, date or yes/no without quotes; None for anything else."""
        *path, last = loc or ("",)
        steps = self.pairs(tuple(path) if last == KEY else loc)
        node = (steps[-1][0] if last == KEY else steps[-1][1]) if steps else None
        plain = isinstance(node, yaml.ScalarNode) and not node.style and value is not None
        return str(node.value) if plain and node is not None and _loaded(node) == value else None

    def colon(self, key: str) -> int | None:
        """The line on which a full-width colon follows the key."""
        at = (n for n, line in enumerate(self.lines, 1) if re.match(rf"[\s-]*{re.escape(key)}\s*{_COLON}", line))
        return next(at, None)


def _means(key: yaml.Node, part: str | int) -> bool:
    return isinstance(key, yaml.ScalarNode) and (key.value == str(part) or _loaded(key) == part)


def _loaded(node: yaml.Node) -> Any:
    try:
        return yaml.safe_load(str(node.value)) if isinstance(node, yaml.ScalarNode) else None
    except (yaml.YAMLError, ValueError):
        return node.value
