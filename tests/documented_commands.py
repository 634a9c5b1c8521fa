"""Commands in the documents: finding them, whether they exist, which of them a test can run on the published sample.

Belongs here: reading blocks of shell commands. Does not belong here: running them (tests/pipeline).
A block that is not to be run says why in the line before it: `<!-- not run: needs a display -->`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bootstrap
from medpanel.guide.command_line import commands
from tests.twin_pages import DOCS

PROJECT = bootstrap.PROJECT
_BLOCK = re.compile(r"(?:<!-- not run: (?P<why>[^>]+?) -->\n *)?```sh\n(?P<lines>.*?)^ *```$", re.DOTALL | re.MULTILINE)
# Pages whose commands, in their order, run in a test of their own: those of an office's server.
_OWN_TEST = ("docs/en/office.md", "docs/zh/office.md")
# What only reads a publication or prints, or writes where it is told to.
RUNNABLE = frozenset(
    {"query", "trace", "status", "publications", "open", "inspect", "version", "scenario", "cache", "export"}
)


@dataclass(frozen=True)
class Documented:
    """One command of a page. `why`: the reason it is not run; empty where it is."""

    page: str
    line: str
    why: str

    @property
    def words(self) -> list[str]:
        """The command as a shell splits it, without its remark."""
        return shlex.split(self.line, comments=True)

    @property
    def arguments(self) -> list[str] | None:
        """What follows `medpanel`; None for another program."""
        return self.words[1:] if Path(self.words[0]).name == "medpanel" else None


def documents() -> list[Path]:
    """Every document with commands for its reader."""
    pages = [path for language in ("en", "zh") for path in sorted((DOCS / language).rglob("*.md"))]
    return [*(PROJECT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md")), *pages]


def found_in(page: str, text: str) -> Iterator[Documented]:
    """The commands of a page, in order; remarks and continuations are no commands of their own."""
    for block in _BLOCK.finditer(text):
        for line in block["lines"].replace("\\\n", " ").splitlines():
            if shlex.split(line, comments=True):
                yield Documented(page, line.strip(), block["why"] or "")


def documented() -> list[Documented]:
    """The commands of all documents."""
    return [
        command
        for path in documents()
        for command in found_in(path.relative_to(PROJECT).as_posix(), path.read_text(encoding="utf-8"))
    ]


def problem_of(command: Documented) -> str:
    """What is wrong with a command: unknown, an unknown option, or not run without a reason; empty where nothing is."""
    words = command.words
    if Path(words[0]).name in ("make", "py") or words[1:2] == ["bootstrap.py"]:
        target = words[1] if words[0] == "make" else words[2]
        wrong = "" if target in bootstrap.TARGETS else f"no target {target}"
    else:
        wrong = "" if command.arguments is None else _parsing(command.arguments)
    if wrong or command.why or command.page in _OWN_TEST:
        return wrong
    runnable = command.arguments is not None and (command.arguments[0] in RUNNABLE or command.arguments[-1] == "--help")
    return "" if runnable else "it is not run, and no `<!-- not run: why -->` stands before its block"


def _parsing(arguments: list[str]) -> str:
    """What the command line refuses in these arguments, without doing anything."""
    known = commands()
    name = next((" ".join(arguments[:count]) for count in (2, 1) if " ".join(arguments[:count]) in known), "")
    if not name:
        return "" if arguments in (["--help"], ["--version"]) else f"no command {arguments[0]}"
    rest = arguments[len(name.split()) :]
    if "--help" in rest:
        return ""
    try:
        known[name].make_context(name, rest)
    except Exception as error:  # typer keeps the classes of its refusals to itself
        return str(getattr(error, "message", "") or error)
    return ""


def on_sample(arguments: list[str], root: Path) -> list[str]:
    """The arguments with a published workspace in the place of data, data/real and data/mine."""
    placed = []
    for word in arguments:
        outside = re.fullmatch(r"data(?:/(?:real|mine))?(/.*)?", word)
        placed.append(f"{root}{outside[1] or ''}" if outside else word)
    known = commands().get(arguments[0])
    takes_data = known is not None and any("--data" in parameter.opts for parameter in known.params)
    return placed if "--data" in placed or not takes_data or "--help" in placed else [*placed, "--data", str(root)]


def to_run() -> list[str]:
    """Each command that is run, once, in the order of the documents."""
    found = (command for command in documented() if not command.why and command.page not in _OWN_TEST)
    return list(dict.fromkeys(command.line for command in found))
