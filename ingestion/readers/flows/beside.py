"""Files beside a file of flows that its declaration refers to: the partner and the scale index.

A change of one of them changes what the file yields, so they are part of the key under which a reading is re-used.
"""

from __future__ import annotations

from pathlib import Path

from catalog import Source
from ingestion.formats.probe import Probe
from ingestion.problems import Problem, Refusal


def beside(path: Path, template: str) -> Path:
    """The file a declaration names by its place relative to `path`; {name} and {stem} are those of `path`."""
    return path.parent / _filled(path, template)


def _filled(path: Path, template: str) -> str:
    return template.replace("{name}", path.name).replace("{stem}", path.stem)


def shown(path: Path, template: str) -> str:
    """That file as the declaration writes it, for messages."""
    return _filled(path, template)


def beside_key(path: Path, root: Path, source: Source | None) -> str:
    """One text that changes whenever such a file appears, vanishes or changes; empty without any."""
    if source is None or source.flow is None:
        return ""
    templates = [each.file for each in (source.flow.partner, source.flow.scale) if each is not None]
    probes = [Probe(beside(path, template), root) for template in templates]
    return " ".join(f"{probe.sha256} {probe.obstacle}" for probe in probes)


def beside_probe(probe: Probe, template: str, code: str) -> Probe:
    """The file, which must be readable and inside the input folder. Raises Refusal with `code`."""
    other = Probe(beside(probe.path, template), probe.root)
    if other.obstacle is not None:
        found = f"{shown(probe.path, template)}: {other.obstacle.found or other.obstacle.code}"
        raise Refusal(Problem(code, found, "a file that can be read"))
    return other
