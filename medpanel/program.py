"""How whoever reads a message starts this program again: a command that can be pasted into the terminal it came from.

Belongs here: its name or path, and quoting. Does not belong here: what a command does (commands/, cli.py).
"""

import shlex
import shutil
import sys
from pathlib import Path

NAME = "medpanel"


def program() -> str:
    """The name, where the shell finds this very program by it; else its path, from the current folder if it is below.

    The command is installed beside the interpreter of its environment; run without one, the interpreter is named.
    """
    script = Path(sys.executable).with_name(f"{NAME}.exe" if sys.platform == "win32" else NAME)
    found = shutil.which(NAME)
    if found is not None and Path(found).resolve() == script.resolve():
        return NAME
    if not script.is_file():
        return f"{_quoted(sys.executable)} -m {NAME}"
    here = Path.cwd()
    return _quoted(str(script.relative_to(here) if script.is_relative_to(here) else script))


def command(*words: str) -> str:
    """The program with these words, quoted where a shell needs it."""
    return " ".join([program(), *map(_quoted, words)])


def _quoted(word: str) -> str:
    """As a shell must be given the word to take it as it is: in double quotes, between which others than Windows' would
    still fill in what stands behind $ and `, or as those want it; unless it is plain.
    """
    windows = sys.platform == "win32"
    plain = word and all(char.isalnum() or char in ("-_./\\:=~" if windows else "-_./:=") for char in word)
    if plain:
        return word
    return f'"{word}"' if windows else shlex.quote(word)
