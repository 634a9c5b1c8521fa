"""What every asset bears beside its own description: tags, owners, links to its pages.

Belongs here: what follows from an asset's key and the workspace's declaration. Does not belong here: descriptions,
kinds and groups (the modules of the assets), and where pages lie (links.py).
"""

import re
from collections.abc import Callable, Mapping

import dagster as dg

from catalog import Study
from dagster_project.links import Site, linked
from medpanel.runs.workspace import Workspace

Label = Callable[[dg.AssetSpec], dg.AssetSpec]


def labels(workspace: Workspace, studies: Mapping[str, Study]) -> Label:
    """Labels an asset of the workspace; before there is input, as far as no declaration is needed."""
    if not workspace.sources_path.exists():
        return lambda spec: spec.merge_attributes(tags=_tags(spec, studies))
    sources, pages = workspace.sources()[0], linked(Site.of(workspace), studies)
    kind = {"data_kind": sources.data_kind}

    def label(spec: dg.AssetSpec) -> dg.AssetSpec:
        # Tables of the lake bear the names of published ones, and are not published themselves.
        metadata = pages.get(spec.key.path[0], {})
        return spec.merge_attributes(tags=kind | _tags(spec, studies), owners=sources.owners, metadata=metadata)

    return label


def _tags(spec: dg.AssetSpec, studies: Mapping[str, Study]) -> dict[str, str]:
    """The study an asset belongs to, and the paper whose tables these are."""
    study = studies.get(spec.key.path[0])
    if study is None:
        return {}
    paper = {} if study.paper is None else {"paper": re.sub(r"[^A-Za-z0-9_.-]+", "_", study.paper)[:63]}
    return {"study": study.id, **paper}
