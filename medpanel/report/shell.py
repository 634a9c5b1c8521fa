"""What every page has around it: a whole document that loads nothing from anywhere, and the mark of synthetic data.

Does not belong here: what stands on a page (page.py, medpanel/changes/page.py).
"""

import html
from collections.abc import Sequence

from catalog.base import Text
from models_py.figures.show import LANGS, Lang, said

# Languages as HTML names them.
CODE: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}

FONTS = ("Helvetica Neue", "Arial", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
_FAMILY = ", ".join(name if name == "sans-serif" else f'"{name}"' for name in FONTS)
SYNTHETIC_NOTICE = (
    '<p class="synthetic">合成数据：由程序生成，不得当作统计数据。 '
    "SYNTHETIC: generated data, never to be read as statistics.</p>\n"
)
SYNTHETIC_STYLE = ".synthetic { background: #D55E00; color: white; padding: .5em 1em; font-weight: bold; }\n"


def html_page(title: Text, body: str, style: str = "", langs: Sequence[Lang] = LANGS) -> str:
    """A whole page that loads nothing from anywhere, in one language or both."""
    words = " · ".join(dict.fromkeys(html.escape(said(title, lang)) for lang in langs))
    return (
        f'<!DOCTYPE html>\n<html lang="{CODE[langs[0]]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{words}</title>\n"
        f"<style>\nbody {{ font-family: {_FAMILY}; color: #1a1a1a; }}\n"
        "body { margin: 2em auto; max-width: 1100px; padding: 0 1em; }\n"
        "figure { margin: 0 0 2.5em; overflow-x: auto; } figcaption { text-align: center; margin-bottom: .5em; }\n"
        f"{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
