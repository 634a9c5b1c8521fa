"""The log of a run: on the console a short line a step in the reader's language, in a file everything.

Belongs here: what of Dagster's record reaches which of the two, and how long a line is. Does not belong here: what
steps say (telling.py), and the summary at the end (medpanel/summary.py). The UI shows Dagster's own storage.
"""

import logging
import re
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from dagster_project.telling import TOLD
from medpanel.language import reader_language
from medpanel.runs.trouble import trouble
from medpanel.runs.workspace import Workspace
from medpanel.terminal import harmless

# The longest line on the console; logs of offices are mailed and pasted.
WIDTH = 160
KEPT_LOGS = 20
# Our own errors are about data and declarations; their class says nothing to who reads the message.
OURS = re.compile(r"(catalog|ingestion|models_py|expectations|medpanel|dagster_project)\.[\w.]+")
_OWN_NAME = re.compile(rf"^{OURS.pattern}: ")
# What Dagster logs, step by step, of everything that cannot follow a failure.
_NOT_RUN = "Dependencies for step "
_FAILED = {"en": "failed", "zh": "失败"}


def root_cause(error: SerializableErrorInfo) -> str:
    """The message of the root error."""
    while error.cause is not None:
        error = error.cause
    return error.message.strip()


def told_cause(error: SerializableErrorInfo) -> str:
    """The same; what the machine refuses in one sentence, unless an error of ours says what to do."""
    message = root_cause(error)
    return message if OURS.match(message) else (trouble(message) or message)


def interrupted(error: SerializableErrorInfo | None) -> bool:
    """Whether a step failed because somebody stopped the run."""
    while error is not None:
        if error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
            return True
        error = error.cause
    return False


def without_class(message: str) -> str:
    """A message without the class of our own error before it."""
    return _OWN_NAME.sub("", message)


def log_path(workspace: Workspace, run_id: str) -> Path:
    """The file with everything a run said."""
    return workspace.work / "logs" / f"{run_id}.log"


def shortened(line: str, width: int = WIDTH) -> str:
    """The first line of a text, cut to the width, without what a terminal would obey; all of it stands in the file."""
    first = harmless(line.split("\n")[0])
    return first if len(first) <= width else f"{first[: width - 1]}…"


class _OnlyTold(logging.Filter):
    """What our own steps say, and steps that fail; Dagster's mechanics, and steps not run after a failure, are not."""

    def filter(self, record: logging.LogRecord) -> bool:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is not None:
            return bool(event.is_step_failure) and not interrupted(event.step_failure_data.error)
        ours = record.levelno >= logging.WARNING and _of_us(record)
        return hasattr(record, TOLD) or (ours and not _message(record).startswith(_NOT_RUN))


def _of_us(record: logging.LogRecord) -> bool:
    """Whether an op logged it, rather than the machinery around one."""
    meta: dict[str, Any] = getattr(record, "dagster_meta", {})
    return bool(meta.get("step_key") or meta.get("op_name"))


class _Story(logging.Formatter):
    """One short line a message, in the reader's language."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, str] = getattr(record, TOLD, {})
        message = told.get(reader_language()) or _message(record)
        warning = "" if record.levelno < logging.WARNING else " !"
        return shortened(f"{self.formatTime(record, '%H:%M:%S')}{warning}{_step(record)} {message}")


class _Everything(logging.Formatter):
    """Every message whole, with its level; errors with their stack traces."""

    def format(self, record: logging.LogRecord) -> str:
        error = _error(record)
        trace = f"\n{error.to_string()}" if error is not None else ""
        return f"{self.formatTime(record)} {record.levelname}{_step(record)} {_message(record)}{trace}"


def _step(record: logging.LogRecord) -> str:
    meta: dict[str, Any] = getattr(record, "dagster_meta", {})
    step = meta.get("step_key") or meta.get("op_name") or ""
    return f" {step}:" if step else ""


def _error(record: logging.LogRecord) -> SerializableErrorInfo | None:
    """Why a step failed, where the record says that one did."""
    event = getattr(record, "dagster_meta", {}).get("dagster_event")
    return event.step_failure_data.error if event is not None and event.is_step_failure else None


def _message(record: logging.LogRecord) -> str:
    meta: dict[str, Any] = getattr(record, "dagster_meta", {})
    error = _error(record)
    if error is not None:
        return f"{_FAILED[reader_language()]}: {without_class(told_cause(error))}"
    return str(meta.get("orig_message") or record.getMessage())


@dg.logger(config_schema={"log_level": dg.Field(str, default_value="INFO")})
def story_logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """Logger of every job; the level of its console comes from the run's configuration."""
    logger = logging.Logger("medpanel", level=logging.DEBUG)
    console = logging.StreamHandler()
    console.setLevel(init_context.logger_config["log_level"])
    console.setFormatter(_Story())
    console.addFilter(_OnlyTold())
    logger.addHandler(console)
    if init_context.run_id is not None:
        logger.addHandler(_file(log_path(Workspace.from_environment(), init_context.run_id)))
    return logger


def _file(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    older = sorted(path.parent.glob("*.log"), key=lambda one: one.stat().st_mtime, reverse=True)
    for one in older[KEPT_LOGS:]:
        one.unlink(missing_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(_Everything())
    return handler
