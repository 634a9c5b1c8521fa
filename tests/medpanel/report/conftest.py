"""The fabricated report, written once."""

import pytest

from medpanel.report.writing import write_report
from tests.medpanel.report.fabricated import seen
from tests.medpanel.report.unpacked import Made, unpacked


@pytest.fixture(scope="package")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    """Files of the report on synthetic data, by name and that of their language's folder."""
    folder = tmp_path_factory.mktemp("合成 report")
    return unpacked(folder, write_report(seen(), folder))
