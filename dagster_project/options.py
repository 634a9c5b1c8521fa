"""What a run can be told, as the launchpad offers it: typed, with defaults; a name it does not know is refused.

Belongs here: options of whole runs. What may be set of a part of a study: assets/studies.py. On the command line the
same options are tags of the run (writing.py), which runs of single assets in the UI may have as well.
"""

from typing import Any

import dagster as dg
from pydantic import Field, field_validator

from catalog.base import refuse

# The steps that have options.
READING, PUBLISHING = "read_files", "publication"


class Reading(dg.Config):
    """Options of a run that reads the files."""

    fresh: bool = Field(
        default=False,
        description="true: make everything again, reusing nothing from earlier runs, in every step of this run. / "
        "true：本次运行各步骤全部重做，不沿用以往结果。",
    )


class Publishing(dg.Config):
    """Options of a run that publishes."""

    accept_loss: str = Field(
        default="",
        description="Why to publish although something published before is gone; the reason is published with it. "
        "Empty: such a loss stops the publication. / 已发布内容减少时仍要发布的理由，随发布留存；留空则遇减少即停止。",
    )

    @field_validator("accept_loss")
    @classmethod
    def _is_a_reason(cls, value: str) -> str:
        refuse(
            (
                value != "" and not value.strip(),
                f"accept_loss: {value!r} is no reason; write one, or leave it empty / 不是理由，请写明理由或留空",
            )
        )
        return value.strip()


def asked_fresh(run_config: Any) -> bool:
    """Whether the configuration of a run asks to make everything again."""
    told = run_config
    for name in ("ops", READING, "config", "fresh"):
        told = told.get(name) if isinstance(told, dict) else None
    return told is True
