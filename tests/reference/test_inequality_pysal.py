"""Unweighted measures against PySAL's `inequality`, whose figures are recorded: it has no weights, and on Python 3.11
pip takes an older release with a dozen packages nothing else here needs.

Recorded with inequality 1.1.2 (Gini, Theil, TheilD, Atkinson) on the twelve values below.
"""

import pytest

from models_py.inequality import atkinson, gini, theil

VALUES = [1.5, 2.25, 3.0, 4.75, 8.0, 13.5, 21.25, 30.0, 2.0, 5.5, 7.75, 11.0]
GROUPS = ["a"] * 4 + ["b"] * 4 + ["c"] * 4


def test_gini() -> None:
    assert gini(VALUES) == pytest.approx(0.46568627450980393, rel=1e-12)


def test_theil_and_its_parts() -> None:
    found = theil(VALUES, groups=GROUPS, index="T")
    assert found["total"] == pytest.approx(0.35811772990795326, rel=1e-12)
    assert found["between"] == pytest.approx(0.24648886, abs=5e-9)
    assert found["within"] == pytest.approx(0.11162887, abs=5e-9)


@pytest.mark.parametrize(("epsilon", "recorded"), [(0.5, 0.17445523950900288), (1.0, 0.3288407095025514)])
def test_atkinson(epsilon: float, recorded: float) -> None:
    assert atkinson(VALUES, epsilon=epsilon) == pytest.approx(recorded, rel=1e-12)
