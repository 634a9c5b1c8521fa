"""An Altair figure as bytes: SVG with real text, PNG, PDF and a small preview, without a browser or the network.

Belongs here: turning charts into files, and the libraries that draw them on a page. Does not belong here: drawing
(models_py) and the page (page.py). Same figure, same bytes: Altair names data by content, and figures name their own
views and parameters.
"""

import io
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import vl_convert
from PIL import Image

from catalog.base import printable
from models_py.figures.show import Figure, Lang
from models_py.figures.style import font_folder

# Print is drawn at twice the pixels of the page.
PRINT_SCALE = 2.0
# What a picture defines to refer to, and where it says so.
_IDS = re.compile(r'<(?:clipPath|linearGradient|radialGradient) id="(\w+?\d+)"')
_REFERENCES = re.compile(r'((?:id="|url\(#|href="#))(\w+)(["\)])')
_RESOURCES = re.compile(rb"(/(?:XObject|ExtGState|Font|Pattern|Shading) <<\n)((?:[ ]+/\w+ \d+ 0 R\n)+)")


@dataclass(frozen=True)
class Chart:
    """A figure in one language: `spec` for the page, and the picture as SVG, from which the other formats are made."""

    spec: dict[str, Any]
    svg: str

    def files(self) -> dict[str, bytes]:
        """Content of the print files, by suffix."""
        return {"png": png(self.svg), "svg": self.svg.encode(), "pdf": pdf(self.svg)}


def chart_of(figure: Figure, lang: Lang) -> Chart:
    """The figure in one language, drawn. Raises FigureError as the figure does."""
    from altair.utils.schemapi import debug_mode

    _register_font()
    # Altair checks each piece whenever it copies it; to_dict checks the whole, once.
    with debug_mode(False):
        chart = figure.chart_for(lang)
    spec = _cleaned(chart.to_dict())
    # No address is allowed: everything drawn is inside the specification.
    return Chart(spec, _renumbered(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])))


def _cleaned(part: Any) -> Any:
    """A specification without characters that no picture can hold: the library ends the whole process over one."""
    if isinstance(part, str):
        return printable(part)
    if isinstance(part, dict):
        return {printable(name): _cleaned(value) for name, value in part.items()}
    return [_cleaned(value) for value in part] if isinstance(part, list) else part


def _renumbered(svg: str) -> str:
    """The same picture, its clip paths and gradients numbered from 0: the library keeps counting within a process."""
    ids = {name: f"{name.rstrip('0123456789')}{at}" for at, name in enumerate(dict.fromkeys(_IDS.findall(svg)))}
    return _REFERENCES.sub(lambda found: found[1] + ids.get(found[2], found[2]) + found[3], svg)


def png(svg: str, scale: float = PRINT_SCALE) -> bytes:
    """The picture as PNG, `scale` pixels for one of the page."""
    _register_font()
    return _packed(vl_convert.svg_to_png(svg, scale=scale))


def _packed(picture: bytes) -> bytes:
    """The same PNG, pixel by pixel, in a third of the bytes: the library hardly compresses."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        image.save(written, format="PNG", compress_level=6, dpi=image.info.get("dpi"))
    return written.getvalue()


def pdf(svg: str) -> bytes:
    """The picture as PDF with its font embedded."""
    _register_font()
    content: bytes = vl_convert.svg_to_pdf(svg)
    # A page's resources come in an order drawn at random; sorted, they take the same bytes at the same places.
    return _RESOURCES.sub(lambda found: found[1] + b"".join(sorted(found[2].splitlines(True))), content)


def preview(picture: bytes) -> bytes:
    """A print PNG reduced to page size and 256 colours, for showing on a page.

    Thousands of thin bars compress badly: in all colours the picture would be ten times as large.
    """
    return few_colours(picture, int(PRINT_SCALE))


def few_colours(picture: bytes, smaller: int = 1) -> bytes:
    """A PNG in 256 colours, so many times smaller; figures have few colours, so the eye sees no difference."""
    written = io.BytesIO()
    with Image.open(io.BytesIO(picture)) as image:
        small = image.convert("RGB").reduce(smaller)
        # The method that keeps the colours of few pixels, such as a legend's.
        few = small.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(written, format="PNG", optimize=True)
    return written.getvalue()


@cache
def _register_font() -> None:
    """Once in a process: vl-convert looks for the font's name in the folders it was told of."""
    vl_convert.register_font_directory(font_folder())


@cache
def libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed as shipped with vl-convert."""
    code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
