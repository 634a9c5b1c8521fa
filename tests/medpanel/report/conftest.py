"""The fabricated report, written once."""

import pytest

from catalog.base import Text
from medpanel.report.writing import ReportFile, write_report
from tests.medpanel.report.fabricated import seen


@pytest.fixture(scope="package")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReportFile]:
    """Files of the report on synthetic data, by name and that of their language's folder."""
    folder = tmp_path_factory.mktemp("合成 report")
    findings = [Text(zh="发现<一>。", en="Finding <one>.")]
    made = write_report(seen(), folder, findings=findings)
    return {file.path.relative_to(folder).as_posix(): file for file in made}
