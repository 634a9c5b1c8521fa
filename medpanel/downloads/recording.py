"""The register of a workspace: brought up to date before a run; after it, what was published is marked and kept.

Only where the input folder is the folder of sources.yaml; a folder of somebody else's is never written to.
"""

import contextlib
import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from catalog import Sources
from catalog.base import CatalogError, Text, Told, refuse
from catalog.declarations.downloads import FOLDER, REGISTER, Received, Register
from catalog.lake import IN_USE
from medpanel.downloads.looking import Content, Look
from medpanel.runs.provenance import person
from medpanel.runs.workspace import Workspace

# Larger files, such as flows, are not kept twice.
KEPT_BYTES = 20 * 2**20
_KEPT = f"{'[0-9a-f]' * 12}/*"
_HEAD = "# Written by medpanel; not to be edited by hand. / 由 medpanel 写入，请勿手工修改。\n"


def prospect(workspace: Workspace) -> tuple[Sources, Path, list[Text]]:
    """The declaration with the register as a run would find it, the input folder, and what is to be said of files.

    Writes nothing. Where another folder is declared nothing is on record. Raises CatalogError for a lost register.
    """
    sources, root = workspace.sources()
    if sources.root is not None:
        return sources, root, []
    refuse(
        (
            not (root / REGISTER).is_file() and any(path.is_file() for path in (root / FOLDER).glob(_KEPT)),
            f"{root / REGISTER} is gone, but files it kept on record are there, and nothing else says which are "
            f"in use; restore it from a backup, or remove {root / FOLDER} and begin a new record / "
            "登记文件缺失，无法得知哪些留存文件仍在使用；请从备份恢复，或删除该目录重新登记",
        ),
        error=CatalogError,
    )
    look = Look(
        sources.downloads,
        contents(root, sources),
        dt.date.today(),
        person(),
        lambda path: source.match if (source := sources.matching(path)) is not None else None,
        lambda row: (root / row.kept).is_file(),
    )
    register = look.result()
    lost = [row for row in register.readable.values() if not (root / row.read_from).exists()]
    # What was kept of a superseded content may have been removed by hand: then it is not read.
    register = Register(
        files=tuple(_gone(row) if row in lost and row.state != "current" else row for row in register.files)
    )
    return sources.model_copy(update={"downloads": register}), root, look.said


def _gone(row: Received) -> Received:
    return row.model_copy(update={"state": "gone"})


def contents(root: Path, sources: Sources) -> dict[str, Content]:
    """What each input file holds now, superseded ones left out; what cannot be opened is left as it is on record."""
    from ingestion.build.lake import input_files
    from ingestion.formats.probe import Probe
    from ingestion.paths import relative_name

    found: dict[str, Content] = {}
    for path in input_files(root, sources):
        name, probe = relative_name(path, root), Probe(path, root)
        row = sources.downloads.at(name)
        if row is not None and row.state != "current":
            continue
        if probe.obstacle is None:
            found[name] = Content(probe.sha256, probe.size)
        elif row is not None:
            found[name] = Content(row.sha256, row.bytes)
    return found


def record(workspace: Workspace, say: Callable[[str], None]) -> tuple[Sources, Path]:
    """Bring the register up to date with the folder; the declaration with it, and the input folder. Says what changed.

    Raises CatalogError if the register cannot be written.
    """
    sources, root, said = prospect(workspace)
    for text in said:
        say(Told(text.en, text.zh))
    if sources.root is None:
        save(root, sources.downloads)
    return sources, root


def save(root: Path, register: Register) -> None:
    """Write the register as a whole, or leave it untouched if it would not change. Raises CatalogError."""
    path = root / REGISTER
    rows = [row.model_dump(mode="json", exclude_defaults=True) for row in register.files]
    text = _HEAD + yaml.safe_dump({"files": rows}, allow_unicode=True, sort_keys=False, width=120)
    try:
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            return
        path.parent.mkdir(exist_ok=True)
        temporary = path.with_name(f".register.{os.getpid()}.tmp")
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        raise CatalogError(
            f"{path}: cannot be written ({error.strerror}); medpanel records downloads beside the input files: make "
            "the folder writable, or name it as `root` in a sources.yaml elsewhere / "
            "无法写入；请开放写权限，或在他处的 sources.yaml 中以 root 指明该目录"
        ) from error


def mark_published(workspace: Workspace) -> None:
    """After a publication: mark the contents it was made from, and keep their bytes, for when they are replaced."""
    import pyarrow.parquet as pq

    sources, root = workspace.sources()
    if sources.root is not None:
        return
    files = pq.read_table(workspace.lake / "source_file.parquet", columns=["path", "sha256", "status"]).to_pylist()
    loaded = {(file["path"], file["sha256"]) for file in files if file["status"] in IN_USE}
    rows = []
    for row in sources.downloads.files:
        if row.state == "current" and (row.path, row.sha256) in loaded:
            row = row.model_copy(update={"published": True})
            _keep(root, row)
        rows.append(row)
    save(root, Register(files=tuple(rows)))


def _keep(root: Path, row: Received) -> None:
    """Copy the bytes of a content unless they are kept already, too large, or no longer there as they were read."""
    from ingestion.formats.probe import Probe

    target = root / row.kept
    if target.exists() or row.bytes > KEPT_BYTES:
        return
    # Somebody may take a file away while a run goes on; what was read of it is published all the same.
    with contextlib.suppress(FileNotFoundError):
        copy_whole(root / row.path, target)
    if target.exists() and Probe(target).sha256 != row.sha256:
        target.unlink()


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that nobody ever sees half of it; the folder is made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.copyfile(source, temporary)
    temporary.replace(target)
