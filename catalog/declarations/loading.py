"""Reading `sources.yaml` with what lies beside it, and the lines to paste where some are missing.

Belongs here: files and messages. Does not belong here: what the file may say (sources.py, entry.py).
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.base import CatalogError, read_yaml, refuse, validate
from catalog.characters import plain_data
from catalog.declarations.downloads import load_register
from catalog.declarations.mapping import with_mappings
from catalog.declarations.sources import Sources
from catalog.division_facts import own_facts
from catalog.key_errors import nearest
from catalog.studies import knowing, known_studies
from catalog.yaml_text import yaml_text

# Keys of an entry under which names of files stand: those are compared as they are.
_OF_FILES = frozenset({"match", "keywords", "file", "file_name"})
HEAD = ("data_kind", "studies", "vintages", "files")
# How a missing key is written; those of the head are in _head.
_WRITTEN_OUT = {
    "match": 'match: "file.csv"',
    "vintage": 'vintage: "2024"',
    "publisher": "publisher: 国家统计局",
    "licence": "licence: none stated",
}


# A root that begins with a folder named in the environment.
_NAMED_FOLDER = re.compile(r"\$\{(MEDPANEL_[A-Z0-9_]+)\}(?:[/\\](.*))?", re.DOTALL)


def load_sources(path: Path, studies: Path | None = None) -> tuple[Sources, Path]:
    """The declaration, with the register of downloads, and the input folder it speaks for. Raises CatalogError.

    `studies`: folder of study files beside the catalog's; by default the one beside the folder `raw` it lies in.
    """
    own = path.parent.parent / "studies" if path.parent.name == "raw" else None
    with knowing(studies or own):
        return _with_register(_read_declaration(path), path)


def _read_declaration(path: Path) -> Sources:
    """What the file itself declares. Raises CatalogError."""
    data = read_yaml(path)
    refuse(
        (
            not isinstance(data, dict),
            f"{path}: the head of the file is missing / 缺少文件开头的内容\n{_to_paste(data, HEAD)}",
        ),
        *(
            (name in (data or ()), f"{path}: `{name}` is no key of this file / {name} 不是本文件的键")
            for name in ("downloads", "declared_in")
        ),
        error=CatalogError,
    )
    for key in ("corrections", "divisions"):
        if isinstance(data.get(key), str):
            _inside(path.parent / data[key], workspace_of(path), f"{path}: {key}")
    data = with_mappings(data, path.parent, workspace_of(path))
    if "files" in data:
        data["files"] = plain_data(data["files"], _OF_FILES)
    if isinstance(data.get("divisions"), str):
        data["divisions"] = own_facts((path.parent / data["divisions"]).resolve())
    missing = [key for key in HEAD if key not in data and not nearest(key, set(data) - set(HEAD))]
    try:
        return validate(Sources, data, path, _WRITTEN_OUT)
    except CatalogError as error:
        raise CatalogError(f"{error}\n{_to_paste(data.get('files'), missing)}") if missing else error from None


def _with_register(sources: Sources, path: Path) -> tuple[Sources, Path]:
    sources = sources.model_copy(update={"declared_in": path})
    if sources.root is None:
        return sources.model_copy(update={"downloads": load_register(path.parent)}), path.parent
    undated = [source.match for source in sources.files if source.accessed is None]
    refuse(
        (
            undated,
            f"{path}: `accessed` is required where `root` names another folder, since nothing is recorded there; add "
            "the day of download to: {} / `root` 指向其他目录时须声明 accessed（下载日期），因该目录不作登记",
        ),
        error=CatalogError,
    )
    return sources, _root(sources.root, path)


def _root(declared: str, path: Path) -> Path:
    """The folder `root` names. Raises CatalogError unless it lies in the workspace, or in one named in the environment.

    A declaration somebody sent must not make medpanel read whatever it likes.
    """
    named = _NAMED_FOLDER.fullmatch(declared)
    value = os.environ.get(named[1]) if named else None
    refuse(
        (
            "$" in declared and not value,
            f"{path}: root is {declared!r}; it may begin with one variable of the environment, whose name begins with "
            f"MEDPANEL_ and which is set / root 只能以一个已设置、名称以 MEDPANEL_ 开头的环境变量起首",
        ),
        error=CatalogError,
    )
    if named and value:
        within = Path(value).expanduser().absolute()
        return _inside(within / (named[2] or ""), within, f"{path}: root")
    return _inside(path.parent / declared, workspace_of(path), f"{path}: root")


def workspace_of(path: Path) -> Path:
    """The folder that all files a declaration names lie in: the workspace whose folder raw it is in, or its own."""
    return path.absolute().parent.parent if path.absolute().parent.name == "raw" else path.absolute().parent


def _inside(path: Path, folder: Path, what: str) -> Path:
    """The path, if it leads to somewhere inside the folder, links resolved. Raises CatalogError."""
    refuse(
        (
            not path.resolve().is_relative_to(folder.resolve()),
            f"{what} leads to {path.resolve()}, outside {folder}; put the files inside, or name their folder in the "
            f"environment, as MEDPANEL_DATA, and write ${{MEDPANEL_DATA}} / 指向 {folder} 之外；请将文件放入其中，"
            f"或设置环境变量（如 MEDPANEL_DATA）并写 ${{MEDPANEL_DATA}}",
        ),
        error=CatalogError,
    )
    return path


def head_lines(vintages: Sequence[str], keys: Sequence[str] = HEAD) -> list[str]:
    """The lines a sources.yaml begins with, for the vintages of its entries."""
    listed = ", ".join(map(yaml_text, vintages)) or '"2024"'
    lines = {
        "data_kind": "data_kind: real    # or synthetic / 真实为 real，合成为 synthetic",
        "studies": f"studies: []    # among / 可选: {', '.join(known_studies())}",
        "vintages": f"vintages: [{listed}]    # editions, preferred first / 版本，优先者在前",
        "files": "files:    # the entries / 以下为各文件条目",
    }
    return [lines[key] for key in keys]


def _to_paste(entries: Any, keys: Sequence[str]) -> str:
    """The missing lines of the head, with the vintages that the entries name."""
    given = [entry.get("vintage") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    vintages = list(dict.fromkeys(str(name) for name in given if name is not None))
    return "\n".join(["write at the top of the file / 请写在文件开头:", *head_lines(vintages, keys)])
