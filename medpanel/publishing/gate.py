"""The gate before the switch: nothing that was published disappears unsaid.

Belongs here: the decision, and the message. Does not belong here: what counts as a loss, and its cause
(medpanel/changes/losses.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.base import Text
from medpanel.changes.losses import Losses
from medpanel.publishing.inputs import PublishError

# Lines of a message; all of them stand in the page of a publication that accepts them.
_SHOWN = 8
_HEAD = Text(
    en="Nothing is published: something of the last publication would be gone",
    zh="未发布：上次发布中的部分内容将会缺失",
)
_ENDS = Text(
    en='either repair the files named and run again, or publish all the same: {again} --accept-loss "reason"',
    zh='请修正所列文件后重新运行；如确认无误，可写明理由后发布：{again} --accept-loss "理由"',
)


class LossError(PublishError):
    """What is about to be published lacks something the last publication has. `full`: the message, uncut."""

    def __init__(self, lost: Losses, again: str) -> None:
        super().__init__(_message(lost, _SHOWN, again))
        self.full = _message(lost, None, again)


def admit(lost: Losses, accepted: str, again: str) -> str:
    """What to keep of a loss on record: the reason it is accepted for and what it is; '' without any loss.

    `again`: the command that runs the same once more. Raises LossError for a loss without a reason.
    """
    if not lost:
        return ""
    if not accepted.strip():
        raise LossError(lost, again)
    return "\n".join([accepted.strip(), *told(lost)])


def _message(lost: Losses, shown: int | None, again: str) -> str:
    ends = f"To do / 处理: {_ENDS.en} / {_ENDS.zh}".format(again=again)
    return "\n".join([f"{_HEAD.en} / {_HEAD.zh}", *told(lost, shown), ends])


def told(lost: Losses, shown: int | None = None) -> list[str]:
    """Causes with what each takes away, then what follows from all of them; the first ones, and how many more."""
    causes = [
        Text(
            en=f"{loss.cause.en}; therefore {'; '.join(text.en for text in loss.taken)}",
            zh=f"{loss.cause.zh}；因此{'；'.join(text.zh for text in loss.taken)}",
        )
        for loss in lost.losses
    ]
    return [*_numbered(causes, shown), *_therefore(lost.consequences, shown)]


def _numbered(texts: Sequence[Text], shown: int | None) -> list[str]:
    lines = [f"{number}. {text.en}\n   / {text.zh}" for number, text in enumerate(texts[:shown], start=1)]
    rest = len(texts) - len(lines)
    return [*lines, f"and {rest} more / 另有{rest}项"] if rest > 0 else lines


def _therefore(texts: Sequence[Text], shown: int | None) -> list[str]:
    lines = [f"   {text.en} / {text.zh}" for text in texts[:shown]]
    rest = len(texts) - len(lines)
    more = [f"   and {rest} more / 另有{rest}项"] if rest > 0 else []
    return ["As a result / 结果:", *lines, *more] if lines else []
