"""The archive of a study's tables and figures in every format: folders zh/, en/ and data/; same contents, same bytes.

Belongs here: names in the archive, writing and reading it. Does not belong here: the formats.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from medpanel.office.files import FIXED_TIME

DATA = "data"


@dataclass(frozen=True)
class Member:
    """A file of the archive: its name, its folder (zh, en or data), what it shows, its format."""

    name: str
    folder: str
    stem: str
    suffix: str

    @property
    def file(self) -> str:
        """Its name without the folder."""
        return self.name.rpartition("/")[2]


def archive_name(prefix: str) -> str:
    """The archive's file; `prefix`: what the names of all files of the study begin with."""
    return f"{prefix}_files.zip"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files in one archive, sorted by name, without a trace of when and where it was made."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (FIXED_TIME.year, FIXED_TIME.month, FIXED_TIME.day, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            # A PNG is deflated already: once more would cost a second a study and gain nothing.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            target.writestr(entry, files[name])
    return written.getvalue()


def members(path: Path, prefix: str) -> list[Member]:
    """What an archive holds, in its order. A file that is named otherwise is none of a study's and is left out."""
    found = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            folder, _, file = name.partition("/")
            stem, _, suffix = file.removeprefix(f"{prefix}_").partition(".")
            if file.startswith(f"{prefix}_") and "/" not in file:
                # Several tables of the database may lie behind one printed table.
                found.append(Member(name, folder, stem.partition("__")[0], suffix))
    return found


def content(path: Path, member: Member) -> bytes:
    """A file of the archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(member.name)
