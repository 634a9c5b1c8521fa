"""When a run starts by itself: input files that changed and lie still, a failed run to try again, a year missed.

Belongs here: that decision, from files and records. Does not belong here: starting anything (dagster_project).
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from catalog.base import CatalogError
from medpanel.notices.outcome import ATTEMPTS, RETRIED, Outcome, last_outcome
from medpanel.reuse import fingerprint
from medpanel.runs import input_state
from medpanel.runs.workspace import Workspace

TIMEZONE = "Asia/Shanghai"
# Health yearbooks and the bureau's annual data are out by the end of the year; mid-January finds them corrected.
_MONTH, _DAY, _HOUR = 1, 15, 3
YEARLY = f"0 {_HOUR} {_DAY} {_MONTH} *"
SETTLE_VARIABLE, RETRY_VARIABLE = "MEDPANEL_SETTLE_SECONDS", "MEDPANEL_RETRY_SECONDS"


@dataclass(frozen=True)
class Pace:
    """Seconds files must lie still before they are read, and seconds before a failed run is tried again."""

    settle: float = 60.0
    retry: float = 600.0

    @classmethod
    def from_environment(cls) -> Pace:
        """As `medpanel watch` hands them to Dagster's processes."""
        return cls(
            float(os.environ.get(SETTLE_VARIABLE) or cls.settle), float(os.environ.get(RETRY_VARIABLE) or cls.retry)
        )

    def to_environment(self) -> dict[str, str]:
        """The variables `from_environment` reads."""
        return {SETTLE_VARIABLE: str(self.settle), RETRY_VARIABLE: str(self.retry)}


@dataclass(frozen=True)
class Start:
    """A run is to start: why, on which input, and which attempt it is."""

    trigger: str
    inputs: str
    attempt: int = 1


@dataclass(frozen=True)
class Wait:
    """Nothing is to start, and why.

    `seconds`: when to look again, where waiting helps; `wrong`: what is wrong with the declaration; `unchanged`: name
    of the input files where the last run left nothing to do.
    """

    why: str
    seconds: float | None = None
    wrong: str = ""
    unchanged: str = ""


def decide(workspace: Workspace, pace: Pace, seen: str | None, now: float) -> tuple[Start | Wait, str]:
    """Whether to start a run, and what to hand in as `seen` the next time: the files, and since when they are so.

    The files are compared with what the last run read, whoever started it. `now` is any clock: where it was set back,
    waiting begins anew.
    """
    try:
        look, fault = input_state.look_at(workspace), ""
    except CatalogError as error:
        look, fault = {}, str(error)
    since, seen = _still_since(fingerprint(look={n: list(v) for n, v in look.items()}, fault=fault), seen, now)
    still = now - since >= pace.settle
    if fault:
        why = f"sources.yaml cannot be used, nothing is started / sources.yaml 无法使用，暂不运行: {fault}"
        left = None if still else pace.settle - (now - since)
        return Wait(why, left, fault if still else ""), seen
    read = input_state.last_read(workspace)
    if look != read.look and not still:
        left = pace.settle - (now - since)
        return Wait(
            f"input files changed; they must lie still for {left:.0f} s / 输入文件有变，静置{left:.0f}秒后读取", left
        ), seen
    return _decide(workspace, pace, look, read, now), seen


def _still_since(found: str, seen: str | None, now: float) -> tuple[float, str]:
    """Since when the files have looked as they do."""
    try:
        before = json.loads(seen or "")
        since = float(before["since"]) if before["found"] == found else now
    except (ValueError, KeyError, TypeError):
        since = now
    since = min(since, now)  # a clock set back
    return since, json.dumps({"found": found, "since": since})


def _decide(
    workspace: Workspace, pace: Pace, look: input_state.Look, read: input_state.Read, now: float
) -> Start | Wait:
    content = input_state.content_of(workspace, look, read)
    inputs, last = input_state.digest(content), last_outcome(workspace)
    changed = input_state.news(content, read)
    if not changed and look != read.look:
        # Touched, or a backup of the same bytes: noted, so that nobody hashes them again.
        input_state.note(workspace, read.run_id, look, content)
    failed = last is not None and last.outcome == "failure"
    if changed and not (last is not None and last.outcome != "success" and last.inputs == inputs):
        return Start("input_files", inputs)
    if last is None or not failed or last.trigger not in RETRIED:
        return Wait("the input files have not changed / 输入文件未变", unchanged=inputs)
    return _again(last, inputs, pace, now)


def _again(last: Outcome, inputs: str, pace: Pace, now: float) -> Start | Wait:
    """Whether a failed run is tried again now."""
    if not last.mendable or last.attempt >= ATTEMPTS:
        return Wait(
            "the last run failed; waiting for other input files or a run by hand / 上次运行失败，等待文件更改或人工运行"
        )
    left = last.ended + pace.retry - now
    if 0 < left <= pace.retry:  # more than that: the clock was set back
        return Wait(f"the last run failed; tried again in {left:.0f} s / 上次运行失败，{left:.0f}秒后重试", left)
    return Start("retry", inputs, last.attempt + 1)


def last_tick(now: float) -> float:
    """The moment the yearly refresh was last due."""
    here = dt.datetime.fromtimestamp(now, ZoneInfo(TIMEZONE))
    due = here.replace(month=_MONTH, day=_DAY, hour=_HOUR, minute=0, second=0, microsecond=0)
    return (due if due <= here else due.replace(year=here.year - 1)).timestamp()
