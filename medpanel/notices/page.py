"""What is said about a run that ended: LAST_RUN.md, and the same text for each language.

Belongs here: words. Does not belong here: who is told (hooks.py) and how a run ended (outcome.py).
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Sequence
from typing import Literal

from catalog.base import Text
from medpanel.notices.outcome import ATTEMPTS, RETRIED, TRIGGERS, Outcome, replace_text
from medpanel.report.places import CHOOSER, written
from medpanel.runs.workspace import Workspace

PAGE = "LAST_RUN.md"
Language = Literal["en", "zh"]

_ENDED = {
    "success": Text(en="succeeded", zh="成功"),
    "failure": Text(en="FAILED", zh="失败"),
    "refusal": Text(en="REFUSED: nothing was published", zh="被拒绝：未发布"),
    "cancelled": Text(en="cancelled", zh="已取消"),
}
_LABELS = {
    "ended": Text(en="When", zh="时间"),
    "trigger": Text(en="Started by", zh="触发"),
    "outcome": Text(en="Outcome", zh="结果"),
    "run": Text(en="Run", zh="运行编号"),
    "attempt": Text(en="Attempt", zh="第几次"),
    "causes": Text(en="Causes, root cause first", zh="原因（根本原因在前）"),
    "do": Text(en="What to do", zh="处理"),
    "log": Text(en="Log", zh="日志"),
    "notified": Text(en="Not everybody could be told", zh="以下通知未能送达"),
}
_TODO = {
    "success": Text(en="Nothing.", zh="无需处理。"),
    "published": Text(en="Nothing. What changed: {changes}", zh="无需处理。变化说明：{changes}"),
    "test": Text(en="Nothing: this message shows that you are told.", zh="无需处理：收到此消息即表示通知有效。"),
    "cancelled": Text(en="Run again when ready: {run}", zh="准备好后重新运行：{run}"),
    "refusal": Text(
        en="Put back or correct the files named above; the last publication stays until then. If the loss is meant: "
        '`{command} --accept-loss "reason"`',
        zh='请补回或更正上述文件；此前的发布保持不变。若确属有意减少：`{command} --accept-loss "理由"`',
    ),
    "again": Text(
        en="Nothing yet: it is tried again by itself while the service runs. The last publication is untouched.",
        zh="暂不需要：服务运行期间会自动重试。此前的发布不受影响。",
    ),
    "given_up": Text(
        en="Three attempts failed. Mend the cause, then: {run}. The last publication is untouched.",
        zh="三次均失败。请排除原因后运行：{run}。此前的发布不受影响。",
    ),
    "failure": Text(
        en="Mend the cause above (a changed file is picked up by the service), or: {run}. "
        "The last publication is untouched.",
        zh="请排除上述原因（服务会自动发现文件更改），或运行：{run}。此前的发布不受影响。",
    ),
}


def write_page(workspace: Workspace, outcome: Outcome, untold: Sequence[str] = ()) -> None:
    """Replace LAST_RUN.md as a whole. `untold`: hooks that failed."""
    parts = (text_of(workspace, outcome, language, untold) for language in ("en", "zh"))  # type: ignore[arg-type]
    replace_text(workspace.root / PAGE, "\n---\n\n".join(parts))


def text_of(workspace: Workspace, outcome: Outcome, language: Language, untold: Sequence[str] = ()) -> str:
    """Everything about a run, in one language."""

    def said(text: Text) -> str:
        return str(getattr(text, language))

    colon = ": " if language == "en" else "："
    facts = {
        "ended": f"{_clock(outcome.started)} – {_clock(outcome.ended)}",
        "trigger": said(TRIGGERS[outcome.trigger]),
        "outcome": said(headline(outcome)),
        "run": f"{outcome.run_id or '–'} ({outcome.job})",
        "attempt": f"{outcome.attempt} / {ATTEMPTS}" if _is_attempt(outcome) else "",
    }
    run = workspace.again
    report = workspace.root / "publications" / outcome.published / "report"
    page = next((path for path in written(report, "changes") if path.parent.name == language), report / CHOOSER)
    sections = {
        "causes": [f"- {_indented(cause)}" for cause in outcome.causes],
        "do": [said(_todo(outcome)).format(command=run, run=f"`{run}`", changes=f"`{page}`")],
        "log": [_log(workspace, outcome)],
        "notified": [f"- {_indented(one)}" for one in untold],
    }
    title = f"# {workspace.root.name}{colon}{said(headline(outcome))}"
    lines = [title, "", *(f"- {said(_LABELS[name])}{colon}{fact}" for name, fact in facts.items() if fact)]
    for name, content in sections.items():
        lines += ["", f"## {said(_LABELS[name])}", "", *content] if content else []
    return "\n".join(lines) + "\n"


def headline(outcome: Outcome) -> Text:
    """The outcome in a few words."""
    if outcome.trigger == "test":
        return Text(en="test message", zh="测试消息")
    if outcome.published:
        return Text(en=f"published {outcome.published}", zh=f"已发布 {outcome.published}")
    return _ENDED[outcome.outcome]


def _todo(outcome: Outcome) -> Text:
    again = outcome.outcome == "failure" and outcome.mendable and outcome.trigger in RETRIED
    if again:
        return _TODO["again" if outcome.attempt < ATTEMPTS else "given_up"]
    if outcome.trigger == "test":
        return _TODO["test"]
    if outcome.published:
        return _TODO["published"]
    return _TODO[outcome.outcome]


def _is_attempt(outcome: Outcome) -> bool:
    """Whether which attempt it was says something."""
    return outcome.trigger in RETRIED and (outcome.mendable or outcome.attempt > 1)


def _log(workspace: Workspace, outcome: Outcome) -> str:
    ui = f"`medpanel ui --data {shlex.quote(str(workspace.root))}` → Runs → {outcome.run_id[:8]}"
    return ui if outcome.run_id else f"`{workspace.root}`"


def _clock(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).astimezone().isoformat(" ", "seconds")


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n  ")
