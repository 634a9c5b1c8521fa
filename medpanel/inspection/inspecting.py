"""The files to inspect, the declaration that covers them, and what reading them yields.

Belongs here: the order of steps. What is proposed: proposing.py; what is printed: showing.py.
"""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog import Sources, load_registry, load_sources
from catalog.lake import LOADED, NOT_READ
from ingestion import read_file
from ingestion.build.conflicts import refuse_conflicts
from ingestion.build.lake import input_files, unused_entries
from ingestion.build.supersession import put_in_line
from ingestion.paths import relative_name
from ingestion.places import using
from ingestion.places.consistency import require_consistent
from medpanel.inspection.proposing import Inspected, propose, stand_in
from medpanel.inspection.showing import show_details, show_overview, show_unused

# From this many files on, a table of all of them stands first.
OVERVIEW_FROM = 4


def inspect(path: Path, sources_path: Path | None, console: Console, full: bool = False) -> bool:
    """Print what each file is and its first problems; True if nothing of any file to be read would be refused.

    For a folder, the files a run would read are shown, with the contradictions between them; with `full` the details
    of all of them, otherwise of those that need attention. A folder without files is not a success.
    Raises CatalogError for an invalid declaration, and for facts about divisions that contradict each other.
    """
    sources, root = _declaration(path, sources_path)
    with using(sources.divisions):
        require_consistent()
        return _inspect(path, sources, root, console, full)


def _inspect(path: Path, sources: Sources, root: Path, console: Console, full: bool) -> bool:
    path = path.resolve()
    base = root if path.is_relative_to(root) else path if path.is_dir() else path.parent
    files = [file for file in input_files(base, sources) if file.is_relative_to(path)] if path.is_dir() else [path]
    if not files:
        console.print(f"{path}: no input files / 没有输入文件", style="red", markup=False, highlight=False)
        return False
    found = _read_all(base, files, sources)
    refuse_conflicts(put_in_line([one.reading for one in found], sources.downloads))
    many = len(found) >= OVERVIEW_FROM
    if many:
        show_overview([one.reading for one in found], console)
    for one in found:
        if full or not many or one.reading.rejected_row or one.entry:
            show_details(one, console)
    if path == root and sources != stand_in():
        show_unused(unused_entries(root, files, sources), console)
    return all(one.reading.source_file["status"] in (LOADED, NOT_READ) for one in found)


def _declaration(path: Path, sources_path: Path | None) -> tuple[Sources, Path]:
    """The declaration, or a stand-in that covers every file if there is none, and the input folder."""
    folder = path if path.is_dir() else path.parent
    candidates = [parent / "sources.yaml" for parent in (folder, *folder.parents)]
    found = sources_path or next((candidate for candidate in candidates if candidate.exists()), None)
    if found is None:
        return stand_in(), folder.resolve()
    sources, root = load_sources(found)
    return sources, root.resolve()


def _read_all(base: Path, files: list[Path], sources: Sources) -> list[Inspected]:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}"),
        console=Console(stderr=True),
        transient=True,
        disable=len(files) < 2,
    )
    found = []
    with bar:
        task = bar.add_task("Reading / 正在读取", total=len(files), name="")
        for file in files:
            bar.update(task, name=file.name)
            declared = sources != stand_in() and sources.find(relative_name(file, base)) is not None
            registry = load_registry()
            read = Inspected(read_file(base, file, sources, registry)) if declared else propose(base, file, registry)
            found.append(read)
            bar.advance(task)
    return found
