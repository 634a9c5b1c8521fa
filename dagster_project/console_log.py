"""The console log of a run kept short: one line per message, causes instead of stack traces.

The full record, stack traces included, is in Dagster's own storage and its UI.
"""

import logging
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo


def root_cause(error: SerializableErrorInfo) -> str:
    """The message of the root error."""
    while error.cause is not None:
        error = error.cause
    return error.message.strip()


# What the dbt integration says of its own mechanics; the asset says what matters in its own words.
_MECHANICS = ("A dbt subsetted execution", "Copying `", "Running dbt command", "Finished dbt command")


class _NoMechanics(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = str(getattr(record, "dagster_meta", {}).get("orig_message") or record.getMessage())
        return record.levelno >= logging.WARNING or not message.startswith(_MECHANICS)


class _Story(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        step = meta.get("step_key") or meta.get("op_name") or ""
        where = f" {step}:" if step else ""
        warning = "" if record.levelno < logging.WARNING else f" {record.levelname}"
        return f"{self.formatTime(record, '%H:%M:%S')}{warning}{where} {_message(meta, record)}"


def _message(meta: dict[str, Any], record: logging.LogRecord) -> str:
    event = meta.get("dagster_event")
    if event is not None and event.is_step_failure and event.step_failure_data.error is not None:
        return f"failed: {root_cause(event.step_failure_data.error)}"
    return str(meta.get("orig_message") or record.getMessage())


@dg.logger(config_schema={"log_level": dg.Field(str, default_value="INFO")})
def story_logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """Console logger of every job; its level comes from the run's configuration."""
    logger = logging.Logger("medpanel", level=init_context.logger_config["log_level"])
    handler = logging.StreamHandler()
    handler.setFormatter(_Story())
    handler.addFilter(_NoMechanics())
    logger.addHandler(handler)
    return logger
