"""A study's files beside its tables: the report, with tables and figures for a paper, and the replication bundle.

Belongs here: taking them into a publication. Does not belong here: making them (medpanel/report, medpanel/replication).
"""

import shutil
from pathlib import Path

from medpanel.publishing.inputs import Publication
from medpanel.study_folders import FOLDERS


def parts(publication: Publication) -> list[str]:
    """The folders there are, as parts of the record of results (medpanel/runs/run_state.py)."""
    return [f"{study}/{name}" for study, name, _ in _found(publication)]


def copy(publication: Publication, folder: Path) -> None:
    """Copy every study's files into `folder`/report/<study>; the folder report is there also when it is empty."""
    target = folder / "report"
    target.mkdir()
    for study, name, source in _found(publication):
        shutil.copytree(source, target / study / FOLDERS[name], dirs_exist_ok=True)


def _found(publication: Publication) -> list[tuple[str, str, Path]]:
    wanted = [(study, name, publication.results / study / name) for study in publication.studies for name in FOLDERS]
    return [item for item in wanted if item[2].is_dir()]
