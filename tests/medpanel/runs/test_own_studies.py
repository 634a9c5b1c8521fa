"""Study files of a workspace: beside the data, declared like the catalog's, and part of what a run depends on."""

from pathlib import Path

import pytest
import yaml

from catalog.base import CatalogError
from catalog.studies import STUDIES_DIR
from medpanel.runs.workspace import Workspace

SOURCES = """data_kind: real
studies: [{study}]
vintages: [v]
files:
  - {{match: "*.csv", vintage: v, publisher: p, licence: CC0-1.0, accessed: 2026-01-01}}
"""


def workspace(root: Path, study: str, name: str = "mine", **changes: object) -> Workspace:
    """One that declares `study`, with a study file `name` beside its input."""
    for folder in ("raw", "studies"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    declared = yaml.safe_load((STUDIES_DIR / "expenditure_gdp.yaml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(declared | {"id": name} | changes, allow_unicode=True)
    (root / "studies" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (root / "raw" / "sources.yaml").write_text(SOURCES.format(study=study), encoding="utf-8")
    return Workspace.at(root)


def test_a_study_beside_the_data_is_declared_by_its_id(tmp_path: Path) -> None:
    found = workspace(tmp_path, "mine, expenditure_gdp").studies()
    assert list(found) == ["mine", "expenditure_gdp"]
    assert found["mine"].id == "mine"
    assert found["mine"].parts == found["expenditure_gdp"].parts


def test_another_workspace_does_not_know_it(tmp_path: Path) -> None:
    workspace(tmp_path / "one", "mine").studies()
    other = workspace(tmp_path / "other", "mine", name="yours")
    with pytest.raises(CatalogError, match="mine"):
        other.studies()


def test_a_study_of_the_program_is_not_replaced_in_silence(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"mspi\.yaml: the program has a study of this id"):
        workspace(tmp_path, "mspi", name="mspi").studies()


def test_a_wrong_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"studies.mine\.yaml"):
        workspace(tmp_path, "mine", panel={"unit": "province"}).studies()


def test_a_change_of_the_file_changes_what_a_run_depends_on(tmp_path: Path) -> None:
    before = workspace(tmp_path, "mine").config_sha256()
    assert workspace(tmp_path, "mine").config_sha256() == before
    assert workspace(tmp_path, "mine", title={"en": "Another title", "zh": "另一标题"}).config_sha256() != before
