"""How an op says something: a line in both languages, of which the console prints the reader's.

Belongs here: handing a line to Dagster's log. Does not belong here: what the console shows of it (console_log.py).
"""

import logging
from collections.abc import Callable
from typing import Any

from catalog.base import Told

# Under this name a record of Dagster's log carries its line by language.
TOLD = "medpanel_told"


def tell(log: Any, line: str, level: int = logging.INFO) -> None:
    """Log a line. `level`: INFO for the console, DEBUG for the file and the UI alone."""
    by_language = {TOLD: {"en": line.en, "zh": line.zh}} if isinstance(line, Told) else {}
    log.log(level, str(line), extra=by_language)


def teller(log: Any, level: int = logging.INFO) -> Callable[[str], None]:
    """`tell` for modules that know no Dagster."""
    return lambda line: tell(log, line, level)
