"""Figures as bytes: same figure, same bytes, and nothing of matplotlib in the user's home.

Belongs here: PNG and SVG. Does not belong here: drawing (models_py/figures).
"""

from __future__ import annotations

import atexit
import io
import os
import shutil
import sys
import tempfile
from typing import TYPE_CHECKING

from models_py.figures.style import DPI, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def keep_home_clean() -> None:
    """Give matplotlib a folder of this process for its list of fonts; call this before anything imports matplotlib.

    Otherwise matplotlib writes into the user's home. If the user has set MPLCONFIGDIR, that is kept.
    """
    if "MPLCONFIGDIR" not in os.environ and "matplotlib" not in sys.modules:
        folder = tempfile.mkdtemp(prefix="medpanel-matplotlib-")
        os.environ["MPLCONFIGDIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


def png(figure: Figure) -> bytes:
    """The figure as PNG, 1,600 pixels wide, without date or program name."""
    written = io.BytesIO()
    with house_style():
        figure.savefig(written, format="png", dpi=DPI, metadata={"Software": None})
    return written.getvalue()


def svg(figure: Figure) -> bytes:
    """The figure as SVG, text as outlines, without date or program name."""
    written = io.BytesIO()
    with house_style():
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
