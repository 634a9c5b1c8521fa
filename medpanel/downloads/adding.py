"""`medpanel add`: a file is copied to its place, recognised, and put on record as a download; nothing is overwritten.

Belongs here: the order of steps, the one question a file may need, and what is said. What is asked: recognising.py. The
terminal: medpanel/commands/add.py.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from catalog import load_registry
from catalog.base import Text
from catalog.declarations.downloads import Answers, Received, Register, kept_path
from catalog.declarations.misc import DeclaredColumn
from catalog.lake import IN_USE
from ingestion.build.worker_pool import Reader
from ingestion.formats.probe import Probe
from ingestion.paths import is_plain, is_text, relative_name
from ingestion.problems import Problem
from medpanel.downloads.recognising import Bench, Trial
from medpanel.downloads.recording import copy_whole, record, save
from medpanel.inspection.proposing import propose
from medpanel.runs.provenance import person
from medpanel.runs.workspace import Workspace

# Refusals named where no entry reads a file.
_TOLD = 5


class AddError(RuntimeError):
    """A file was not added; the message says what was found and what to do, in both languages."""


@dataclass(frozen=True)
class Wishes:
    """What the user said in advance. `entry`: the `match` to read by; `columns`: header -> indicator."""

    newer_than: str | None = None
    entry: str | None = None
    unit: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    who: str = ""

    @property
    def answers(self) -> Answers:
        """The answers they amount to. Raises ValueError for unknown indicators and units."""
        return Answers(
            unit=self.unit, columns={name: DeclaredColumn(indicator=one) for name, one in self.columns.items()}
        )


@dataclass
class Adding:
    """One command. `confirm` asks the one question; it raises AddError where nobody can be asked."""

    workspace: Workspace
    wishes: Wishes
    confirm: Callable[[Text], bool]
    say: Callable[[str], None]

    def all(self, files: Sequence[Path]) -> list[str]:
        """Add every file, as one download; the messages of those that were not added.

        Raises AddError where the input folder is not ours, and CatalogError for an invalid declaration.
        """
        self.sources, self.root = record(self.workspace, self.say)
        if self.sources.root is not None:
            raise AddError(
                f"{self.root} is not the folder of sources.yaml, so nothing is added there; put the file into it and "
                "declare it / 输入目录并非 sources.yaml 所在目录，不予写入；请自行放入文件并声明"
            )
        self.number = self.sources.downloads.last + 1
        failed = []
        for path in files:
            try:
                self._add(path)
            except AddError as error:
                failed.append(str(error))
        return failed

    def _add(self, path: Path) -> None:
        probe = Probe(path.absolute())
        if probe.obstacle is not None or not is_text(path) or not is_plain(path, path.parent):
            raise AddError(f"{path}: no readable file / 不是可读取的文件")
        if not probe.size:
            raise AddError(f"{path}: the file is empty / 文件为空")
        known = next((row for row in self.sources.downloads.files if row.sha256 == probe.sha256), None)
        if known is not None:
            state = {"current": "in use / 在用", "superseded": "superseded / 已被取代", "gone": "gone / 已不存在"}
            self.say(f"{path.name}: already on record as {known.path}, {state[known.state]} / 已登记，未作改动")
            return
        target = self.root / kept_path(probe.sha256, relative_name(path.absolute(), path.absolute().parent))
        there = target.exists()
        if not there:
            copy_whole(path, target)
        try:
            self._record(self._accepted(self._draft(target, probe)))
        except BaseException:
            if not there:
                target.unlink()
                target.parent.rmdir()
            raise

    def _draft(self, target: Path, probe: Probe) -> Received:
        try:
            answers = self.wishes.answers
        except ValueError as error:
            raise AddError(str(error)) from None
        return Received(
            path=relative_name(target, self.root),
            sha256=probe.sha256,
            bytes=probe.size,
            name=target.name,
            recorded_on=dt.date.today(),
            recorded_by=self.wishes.who or person(),
            download=self.number,
            answers=answers,
        )

    def _accepted(self, draft: Received) -> Trial:
        """How the file is read, agreed where agreement is needed. Raises AddError."""
        matches = [source.match for source in self.sources.files]
        if self.wishes.entry is not None and self.wishes.entry not in matches:
            raise AddError(
                f"no entry match: {self.wishes.entry} in sources.yaml; there are {', '.join(matches)} / 没有该条目"
            )
        with Reader() as reader:
            bench = Bench(self.root, self.sources, load_registry(), self.workspace.files_read, reader)
            trials = bench.trials(draft, self.wishes.entry, self._newer_than())
        best = trials[0] if trials else None
        if best is None or not (best.loads or self.wishes.entry or self.wishes.newer_than):
            raise AddError(self._unrecognised(draft, trials))
        if best.reading.source_file["status"] not in IN_USE:
            raise AddError(f"{draft.name}: {best.problem}")
        rivals = {one.entry.vintage for one in trials if one.certain} - {best.entry.vintage}
        chosen = self.wishes.entry is not None or self.wishes.newer_than is not None
        sure = best.certain and (best.named or not rivals)
        if not (sure or (chosen and not best.assumed)) and not self.confirm(self._question(best)):
            raise AddError(f"{draft.name}: not added / 未添加")
        return best

    def _newer_than(self) -> str | None:
        """The path below the input folder of the file named by the user. Raises AddError if it is none or several."""
        wish = self.wishes.newer_than
        if wish is None:
            return None
        current = [path for path, row in self.sources.downloads.readable.items() if row.state == "current"]
        place = Path(wish).absolute()
        below = relative_name(place, self.root) if place.is_relative_to(self.root) else wish
        found = [path for path in current if path == below] or [p for p in current if p.rpartition("/")[2] == wish]
        if len(found) != 1:
            raise AddError(
                f"--newer-than {wish}: expected one file on record, found {len(found)}; on record are: "
                f"{', '.join(current)} / 应为一个已登记的文件"
            )
        return found[0]

    def _record(self, trial: Trial) -> None:
        register = Register(files=(*self.sources.downloads.files, trial.row))
        save(self.root, register)
        self.sources = self.sources.model_copy(update={"downloads": register})
        self.say(f"{trial.row.name}: {_told(trial).text}")

    def _question(self, trial: Trial) -> Text:
        en = [*(text.en for text in trial.assumed), _told(trial).en]
        zh = [*(text.zh for text in trial.assumed), _told(trial).zh]
        return Text(en=f"{trial.row.name}: {'; '.join(en)}. Right?", zh=f"{'；'.join(zh)}。是否正确？")

    def _unrecognised(self, draft: Received, trials: Sequence[Trial]) -> str:
        tried = [f"  {one.entry.match}: {one.problem}" for one in trials[:_TOLD]]
        tried += [f"  … {len(trials) - _TOLD} more / 其余"] if len(trials) > _TOLD else []
        with Reader() as reader:
            call = partial(propose, self.root, self.root / draft.path, load_registry())
            made = reader.make(call, draft.bytes)
        entry = "" if isinstance(made, Problem) else "\n".join(f"    {line}" for line in made.entry)
        return "\n".join(
            [
                f"{draft.name}: not recognised, nothing was added. Entries tried / 未能识别，未添加。已尝试的条目：",
                *tried,
                "Say which it replaces with --newer-than FILE, or put it into the input folder with an entry such as / "
                "请用 --newer-than 指明其取代的文件，或放入输入目录并在 sources.yaml 中声明，例如：",
                entry,
            ]
        )


def _told(trial: Trial) -> Text:
    """What the file is and what it would change."""
    counts = trial.difference
    same = counts.shared - counts.revised
    changes = Text(
        en=f"{counts.added} new, {counts.revised} revised, {same} the same, {counts.removed} removed",
        zh=f"新增{counts.added}、修订{counts.revised}、相同{same}、移除{counts.removed}",
    )
    if trial.predecessor is None:
        return Text(
            en=f"a file of the entry {trial.entry.match} (download {trial.row.download}): {changes.en}",
            zh=f"属条目{trial.entry.match}（下载{trial.row.download}）：{changes.zh}",
        )
    return Text(
        en=f"newer download of {trial.predecessor} (download {trial.row.download}): {changes.en}",
        zh=f"{trial.predecessor}的较新下载（下载{trial.row.download}）：{changes.zh}",
    )
