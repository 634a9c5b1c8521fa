"""Contiguity of provinces, and of nobody else."""

import numpy as np
import pandas as pd
import pytest

from models_py.panel import panel_of, province_panel
from models_py.parts.diagnostics.residual_correlation import contiguity_weights


def test_contiguity_of_the_provinces():
    w = contiguity_weights(province_panel((2013, 2024)))
    assert w is not None and w.shape == (31, 31)
    np.testing.assert_allclose(w.sum(axis=1), 1.0)
    assert (w.to_numpy() > 0).sum() == 2 * 69
    assert w.loc[460000, 440000] == 1.0
    assert np.linalg.eigvals(w.to_numpy()).real.min() == pytest.approx(-0.6201, abs=5e-5)


def test_some_provinces_have_the_neighbours_of_all():
    names = pd.DataFrame(
        {"entity_code": [110000, 120000], "name_zh": ["北京市", "天津市"], "name_en": ["Beijing", "Tianjin"]}
    )
    pd.testing.assert_frame_equal(
        contiguity_weights(panel_of("province", names, (2013, 2014))), contiguity_weights(province_panel((2013, 2024)))
    )


def test_neighbours_of_another_unit_are_not_declared():
    names = pd.DataFrame({"entity_code": [1, 2], "name_zh": ["甲县", "乙县"], "name_en": ["A", "B"]})
    assert contiguity_weights(panel_of("county", names, (2013, 2014))) is None
