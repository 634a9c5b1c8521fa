"""The files to inspect, the declaration that covers them, and what reading them yields.

Belongs here: the order of steps. What is proposed: proposing.py; what is printed: showing.py.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog import Sources, load_registry, load_sources
from catalog.declarations.corrections import load_corrections
from catalog.declarations.loading import head_lines
from ingestion import read_file
from ingestion.build.lake import input_files, unused_entries
from ingestion.build.together import settled
from ingestion.build.worker_pool import Task, Work, cores, make_bounded, worth_a_crew
from ingestion.formats.probe import Probe
from ingestion.paths import relative_name
from ingestion.places import using
from ingestion.places.consistency import require_consistent
from ingestion.reading import out_of_memory, undeclared
from medpanel.inspection.doubts import doubts
from medpanel.inspection.proposing import BLANK, Inspected, propose, stand_in
from medpanel.inspection.showing import show_details, show_head, show_overview, show_unused


@dataclass(frozen=True)
class Shared:
    """What reading each of the files needs: the folder they lie in, and their declaration."""

    base: Path
    sources: Sources


# From this many files on, a table of all of them stands first.
OVERVIEW_FROM = 4


def inspect(path: Path, sources_path: Path | None, console: Console, full: bool = False) -> bool:
    """Print what each file is and its first problems.

    True if nothing of any file to be read would be refused, and none of them is unfilled.
    For a folder, the files a run would read are shown, with the contradictions between them; with `full` the details
    of all of them, otherwise of those that need attention. A folder without files is not a success.
    Raises CatalogError for an invalid declaration, and for facts about divisions that contradict each other.
    """
    declared = _declared(path, sources_path)
    sources, root = (stand_in(), _folder(path).resolve()) if declared is None else load_sources(declared)
    with using(sources.divisions):
        require_consistent()
        return _inspect(path.resolve(), declared, sources, root.resolve(), console, full)


def _inspect(path: Path, declared: Path | None, sources: Sources, root: Path, console: Console, full: bool) -> bool:
    corrections = load_corrections(declared.parent / sources.corrections) if declared and sources.corrections else ()
    base = root if path.is_relative_to(root) else path if path.is_dir() else path.parent
    files = [file for file in input_files(base, sources) if file.is_relative_to(path)] if path.is_dir() else [path]
    if not files:
        console.print(f"{path}: no input files / 没有输入文件", style="red", markup=False, highlight=False)
        return False
    found = _read_all(base, files, sources)
    standing = {id(one) for one in settled([one.reading for one in found], sources, corrections, load_registry())[0]}
    found = [one for one in found if id(one.reading) in standing]
    doubtful = doubts([one.reading for one in found])
    many = len(found) >= OVERVIEW_FROM
    if many:
        show_overview(found, console)
    for one in found:
        warned = doubtful.get(one.reading.source_file["file_id"], [])
        if full or not many or one.undeclared or one.reading.rejected_row or one.entry or warned:
            show_details(one, warned, console, _indent(declared))
    if declared is None:
        show_head(head_lines([BLANK]), console)
    elif path == root:
        show_unused(unused_entries(root, files, sources), console)
    return all(one.would_load for one in found)


def _indent(declared: Path | None) -> int:
    """How far the entries of the declaration are indented, so that one more can be pasted below them."""
    lines = declared.read_text(encoding="utf-8").splitlines() if declared is not None else []
    below = lines[next((n for n, line in enumerate(lines) if line.startswith("files:")), 0) :]
    return next((len(line) - len(line.lstrip()) for line in below if line.lstrip().startswith("- ")), 2)


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _declared(path: Path, sources_path: Path | None) -> Path | None:
    """The declaration that covers the files, None if there is none."""
    folder = _folder(path)
    candidates = [parent / "sources.yaml" for parent in (folder, *folder.parents)]
    return sources_path or next((candidate for candidate in candidates if candidate.exists()), None)


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
    shared = Shared(base, sources)
    tasks = [Task(file, str(number), Probe(file, base).size) for number, file in enumerate(files)]
    found: dict[Task, Inspected] = {}
    with bar:
        shown = bar.add_task("Reading / 正在读取", total=len(files), name="")

        def done(task: Task, one: Inspected) -> None:
            found[task] = one
            bar.update(shown, advance=1, name=task.path.name)

        stopped = make_bounded(Work(_read, shared), tasks, cores() if worth_a_crew(tasks) else 1, done)
    found |= {task: Inspected(read_file(base, task.path, sources, load_registry(), p)) for task, p in stopped.items()}
    return [found[task] for task in tasks]


def _read(shared: Shared, task: Task) -> Inspected:
    """The file read by its entry, or by the one proposed for it. Raises MemoryError for want of memory."""
    with using(shared.sources.divisions):
        found = _inspected(shared.base, task.path, shared.sources)
    if out_of_memory(found.reading):
        raise MemoryError
    return found


def _inspected(base: Path, file: Path, sources: Sources) -> Inspected:
    name, registry = relative_name(file, base), load_registry()
    if sources == stand_in():
        return propose(base, file, registry)
    if sources.find(name) is not None:
        return Inspected(read_file(base, file, sources, registry))
    return replace(propose(base, file, registry), undeclared=undeclared(name))
