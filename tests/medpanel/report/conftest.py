"""The fabricated report, written once."""

import pytest

from catalog.base import Text
from medpanel.report.images import keep_home_clean
from medpanel.report.writing import ReportFile, write_report
from tests.medpanel.report.fabricated import seen

keep_home_clean()


@pytest.fixture(scope="package")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ReportFile]:
    """Files of the report on synthetic data, by name."""
    folder = tmp_path_factory.mktemp("合成 report")
    findings = [Text(zh="发现<一>。", en="Finding <one>.")]
    return {file.path.name: file for file in write_report(seen(), folder, findings=findings)}
