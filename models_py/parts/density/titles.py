"""Names and titles of what shows densities; sentences are in texts.py."""

from catalog.base import Text

RIDGES, PEAKS = "density_ridges", "density_peaks"
RIDGES_TITLE = Text(en="Kernel densities by year", zh="逐年核密度")
PEAKS_TITLE = Text(en="Peaks of the kernel densities", zh="核密度的峰")
