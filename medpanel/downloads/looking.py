"""The register compared with the folder: what is new, replaced, moved, exchanged, put back or gone.

Pure: contents in, the new register and what is to be said out. The folder is the truth; no clock decides what is newer.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from catalog.base import Text
from catalog.declarations.downloads import Answers, Received, Register

# From so many files moved together on, the folder is named instead of each.
_TOGETHER = 3


@dataclass(frozen=True)
class Content:
    """What a path holds now."""

    sha256: str
    bytes: int


@dataclass
class Look:
    """One comparison under way. `entry_of`: the entry a path alone is read by; `kept`: whether old bytes are there."""

    register: Register
    found: Mapping[str, Content]
    today: dt.date
    person: str
    entry_of: Callable[[str], str | None]
    kept: Callable[[Received], bool]
    said: list[Text] = field(default_factory=list)

    def result(self) -> Register:
        """The register as the folder now is."""
        self.rows = list(self.register.files)
        self.next = self.register.last + 1
        # Until the first publication, what comes is part of the founding: there is nothing yet that it could revise.
        founding = not any(row.published for row in self.rows)
        self.fresh = 1 if founding else self.next
        if not self.rows:
            self._say(f"{len(self.found)} files recorded as the first download", f"首次登记{len(self.found)}个文件")
        self._move()
        held = self._current()
        changed = [path for path, row in held.items() if path in self.found and self.found[path].sha256 != row.sha256]
        exchanged = self._exchange({path: held[path] for path in sorted(changed)})
        for path in sorted(set(changed) - exchanged):
            self._replace(held[path])
        for path in sorted(self.found.keys() - held.keys()):
            self._take_in(path)
        for path in sorted(held.keys() - self.found.keys()):
            self._set(held[path], state="gone")
            self._say(f"{path}: the file is gone", f"{path}：文件已不存在")
        # What stands in the folder under another name is not read from its kept copy too.
        standing = {row.sha256 for row in self.rows if row.state == "current"}
        return Register(files=tuple(r for r in self.rows if r.state != "superseded" or r.sha256 not in standing))

    def _say(self, en: str, zh: str) -> None:
        self.said.append(Text(en=en, zh=zh))

    def _current(self) -> dict[str, Received]:
        return {row.path: row for row in self.rows if row.state == "current"}

    def _set(self, row: Received, **values: object) -> Received:
        fresh = row.model_copy(update=values)
        self.rows[self.rows.index(row)] = fresh
        return fresh

    def _new(self, path: str, download: int, **values: object) -> Received:
        content = self.found[path]
        return Received.model_validate(
            {
                "path": path,
                "sha256": content.sha256,
                "bytes": content.bytes,
                "name": PurePosixPath(path).name,
                "recorded_on": self.today,
                "recorded_by": self.person,
                "download": download,
                **values,
            }
        )

    def _move(self) -> None:
        """Paths gone whose bytes stand under a new path: the same file, with its number, its entry and its past."""
        held = self._current()
        new = sorted(self.found.keys() - held.keys() - {row.path for row in self.rows})
        gone = {path: row for path, row in sorted(held.items()) if path not in self.found}
        moves: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for path in new:
            same = [old for old, row in gone.items() if row.sha256 == self.found[path].sha256]
            same.sort(key=lambda old: PurePosixPath(old).name != PurePosixPath(path).name)
            if same:
                self._rename(gone.pop(same[0]), path)
                folders = str(PurePosixPath(same[0]).parent), str(PurePosixPath(path).parent)
                moves[folders].append((same[0], path))
        for (old_folder, folder), pairs in moves.items():
            names = all(PurePosixPath(old).name == PurePosixPath(path).name for old, path in pairs)
            if names and len(pairs) >= _TOGETHER:
                count = len(pairs)
                self._say(
                    f"{old_folder} was moved to {folder}: {count} files", f"{old_folder}移至{folder}：{count}个文件"
                )
                continue
            for old, path in pairs:
                self._say(f"{old} is now {path}", f"{old}现为{path}")

    def _rename(self, row: Received, path: str) -> None:
        entry = row.entry or self.entry_of(row.path)
        if not row.published and self.entry_of(path) is not None:
            entry = None
        own = entry if entry != self.entry_of(path) else None
        for one in [one for one in self.rows if one.path == row.path]:
            self._set(one, path=path, entry=own)
        for one in [one for one in self.rows if one.newer_than == row.path]:
            self._set(one, newer_than=path)

    def _exchange(self, changed: dict[str, Received]) -> set[str]:
        """Known paths that hold each other's bytes now, which are left as they are unless one entry reads them all."""
        owner = {row.sha256: path for path, row in changed.items()}
        origin = {path: owner[self.found[path].sha256] for path in changed if self.found[path].sha256 in owner}
        done: set[str] = set()
        for path in sorted(origin):
            circle = [path]
            while (following := origin.get(circle[-1])) is not None and following not in circle:
                circle.append(following)
            if following != path or path in done:
                continue
            done |= set(circle)
            entries = {changed[one].entry or self.entry_of(one) for one in circle}
            names = ", ".join(circle)
            if len(entries) > 1:
                self._say(f"{names}: contents exchanged; refused", f"{names}：内容互换，拒绝读取")
                continue
            for one in circle:
                self._set(changed[origin[one]], path=one)
            self._say(f"{names}: contents exchanged, all read by one entry", f"{names}：内容互换，均由同一条目读取")
        return done

    def _replace(self, old: Received) -> None:
        """Other bytes under a known path: a newer download of it, unless nothing was ever published from the old."""
        path = old.path
        known = self._known(path)
        again = known is not None and known.path == path
        same_entry = known is not None and self._entry(known) == self._entry(old)
        if not old.published and known is None:
            index = self.rows.index(old)
            self.rows[index] = self._new(path, old.download, entry=old.entry, newer_than=old.newer_than)
            self._say(f"{path}: replaced before it was published", f"{path}：发布前已更换")
            return
        # Bytes that stood under another name keep the number they came with.
        number = known.download if known is not None and not again and same_entry else self.next
        fresh = self._new(path, number, entry=old.entry, answers=known.answers if known is not None else Answers())
        if old.published and self.kept(old):
            self._set(old, state="superseded")
        elif old.published:
            self._set(old, state="gone")
            self._say(f"{path}: the bytes before were not kept", f"{path}：此前的内容未留存")
        else:
            self.rows.remove(old)
        if again and known is not None:
            self.rows.remove(known)
        self.rows.append(fresh)
        if again:
            self._say(
                f"{path}: earlier bytes were put back; they count as the latest download ({number})",
                f"{path}：恢复为较早内容，视为最新下载（{number}）",
            )
        elif known is not None and number <= old.download:
            self._say(
                f"{path}: holds what {known.path} came with (download {number}) now; download {old.download}, which it "
                "held before, stays in use",
                f"{path}：现内容与{known.path}（下载{number}）相同；其此前内容（下载{old.download}）仍在使用",
            )
        else:
            self._say(
                f"{path}: replaced in place; download {number} supersedes {old.download}",
                f"{path}：原处更换；下载{number}取代{old.download}",
            )

    def _take_in(self, path: str) -> None:
        """A path nothing current stands under."""
        sha256 = self.found[path].sha256
        before = [row for row in self.rows if row.path == path]
        latest = before[-1] if before else None
        if latest is not None and latest.sha256 == sha256:
            self._set(latest, state="current")
            self._say(f"{path} is back", f"{path}已恢复")
            return
        if latest is not None:
            self._replace(self._set(latest, state="current"))
            return
        known = self._known(path)
        self.rows.append(self._new(path, known.download if known is not None else self.fresh))
        if self.register.files:
            number = self.rows[-1].download
            self._say(f"{path}: new file, download {number}", f"{path}：新文件，下载{number}")

    def _known(self, path: str) -> Received | None:
        """The row with the bytes a path holds now, under this path rather than another."""
        same = [row for row in self.rows if row.sha256 == self.found[path].sha256]
        return min(same, key=lambda row: row.path != path, default=None)

    def _entry(self, row: Received) -> str | None:
        return row.entry or self.entry_of(row.path)
