"""The companion files of a file: keyword lists, flags, the partner and the scale index of a file of flows.

Belongs here: which files an entry refers to, their paths, and one text of their content, which decides with the file's
own whether the file is read again. Reading them: the readers.
"""

from pathlib import Path, PurePosixPath

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal, require


def companion_names(source: Source) -> tuple[str, ...]:
    """The files `source` refers to by their paths below the input folder, as declared."""
    flags = source.panel.filled_flags if source.panel is not None else None
    return tuple(name for name in (source.keywords, flags.file if flags is not None else None) if name is not None)


def companion_path(root: Path, name: str) -> Path:
    """The declared file below `root`. Raises Refusal if it is absent or would be elsewhere."""
    declared = PurePosixPath(name)
    require(
        not declared.is_absolute() and ".." not in declared.parts and not Probe(root / declared, root).obstacle,
        Problem("companion_missing", name),
    )
    return root / declared


def name_beside(path: Path, template: str) -> str:
    """A file declared by its path relative to `path`, as messages name it; {name} and {stem} are those of `path`."""
    return template.replace("{name}", path.name).replace("{stem}", path.stem)


def probe_beside(probe: Probe, template: str, code: str) -> Probe:
    """That file, which must be readable and inside the input folder. Raises Refusal with `code`."""
    name = name_beside(probe.path, template)
    other = Probe(probe.path.parent / name, probe.root)
    if other.obstacle is not None:
        found = f"{name}: {other.obstacle.found or other.obstacle.code}"
        raise Refusal(Problem(code, found))
    return other


def companions_key(path: Path, root: Path, source: Source | None) -> str:
    """One text that changes whenever a file the entry refers to appears, vanishes or changes; empty without any."""
    if source is None:
        return ""
    flow = (source.flow.partner, source.flow.scale) if source.flow is not None else ()
    paths = [root / name for name in companion_names(source)]
    paths += [path.parent / name_beside(path, each.file) for each in flow if each is not None]
    probes = [Probe(each, root) for each in paths]
    return " ".join(f"{probe.sha256} {probe.obstacle}" for probe in probes)


def folder_of(probe: Probe, relative: str) -> Path:
    """The input folder, from one of its files and that file's path below it."""
    return probe.path.parents[len(PurePosixPath(relative).parts) - 1]
