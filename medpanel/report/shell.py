"""What every page has around it: a whole document that loads nothing from anywhere, and the mark of synthetic data.

Does not belong here: what stands on a page (page.py, medpanel/changes/page.py).
"""

import html

from catalog.base import Text

FONTS = ("Helvetica Neue", "Arial", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
_FAMILY = ", ".join(name if name == "sans-serif" else f'"{name}"' for name in FONTS)
SYNTHETIC_NOTICE = (
    '<p class="synthetic">合成数据：由程序生成，不得当作统计数据。 '
    "SYNTHETIC: generated data, never to be read as statistics.</p>\n"
)
SYNTHETIC_STYLE = ".synthetic { background: #D55E00; color: white; padding: .5em 1em; font-weight: bold; }\n"


def html_page(title: Text, body: str, style: str = "") -> str:
    """A whole page that loads nothing from anywhere."""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title.zh)} · {html.escape(title.en)}</title>\n"
        f"<style>\nbody {{ font-family: {_FAMILY}; color: #1a1a1a; }}\n"
        "body { margin: 2em auto; max-width: 1100px; padding: 0 1em; }\n"
        "figure { margin: 0 0 2.5em; overflow-x: auto; } figcaption { text-align: center; margin-bottom: .5em; }\n"
        f"{style}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
