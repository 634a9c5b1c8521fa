"""Jobs: `everything`, from files to publication, and one per study, up to its results without publishing."""

from typing import Any

import dagster as dg

EVERYTHING = "everything"
PUBLICATION = "publication"


def build_jobs(studies: tuple[str, ...]) -> list[Any]:
    """The job `everything`, and one job for each study."""
    everything = dg.define_asset_job(
        EVERYTHING,
        selection=dg.AssetSelection.all(),
        description="Read, build, run every study, publish. / 读取文件、建库、运行全部研究并发布。",
    )
    return [everything] + [
        dg.define_asset_job(
            study,
            # Files are read all or none: no study may see a lake that is half of this run and half of another.
            selection=dg.AssetSelection.groups(study).upstream().required_multi_asset_neighbors(),
            description=f"Everything the study {study} needs, without publishing. / 运行该研究，不发布。",
        )
        for study in studies
    ]
