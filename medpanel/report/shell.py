"""What every page has around it: head, navigation, language switch, mark of synthetic data, footer; and its assets.

A page of the site (`site_page`) lies in report/ of a publication and loads style and scripts from report/assets/,
nothing from elsewhere; a fragment that is sent alone (`html_page`) loads nothing at all. Does not belong here: what
stands on a page (page.py, medpanel/site). No page names its run: the same results make the same
bytes, and the footer reads the run from assets/publication.js.
"""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from catalog.base import Text
from medpanel.report.places import page_file
from models_py.figures.show import LANGS, Lang, said

# Languages as HTML names them, and as their readers do.
CODE: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}
NAME: dict[Lang, str] = {"zh": "中文", "en": "English"}

FONTS = ("Helvetica Neue", "Arial", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
_FAMILY = ", ".join(name if name == "sans-serif" else f'"{name}"' for name in FONTS)
NOTICE = Text(
    zh="合成数据：由程序生成，不得当作统计数据。",
    en="SYNTHETIC: generated data, never to be read as statistics.",
)
SYNTHETIC_NOTICE = f'<p class="synthetic">{NOTICE.zh} {NOTICE.en}</p>\n'
SYNTHETIC_STYLE = ".synthetic { background: #9a3412; color: white; padding: .5em 1em; font-weight: bold; }\n"

# The pages that every page leads to, in the order of the navigation. `studies` is a place on the overview.
NAVIGATION: dict[str, Text] = {
    "index": Text(zh="概览", en="Overview"),
    "studies": Text(zh="研究", en="Studies"),
    "tables": Text(zh="数据表", en="Tables"),
    "indicators": Text(zh="指标", en="Indicators"),
    "quality": Text(zh="数据质量", en="Data quality"),
    "provenance": Text(zh="来源与运行", en="Provenance"),
    "methods": Text(zh="方法", en="Methods"),
    "changes": Text(zh="变化", en="What changed"),
}
_WORDS = {
    "skip": Text(zh="跳到正文", en="Skip to content"),
    "pages": Text(zh="各页", en="Pages"),
    "language": Text(zh="语言", en="Language"),
    "run": Text(zh="本次发布的程序版本与运行编号", en="Version and run of this publication"),
}
# Files of this package that the site loads, in report/assets/; vega.js and publication.js are made.
_ASSETS = Path(__file__).parent / "assets"
PUBLICATION = "publication.js"


@dataclass(frozen=True)
class Frame:
    """Where a page lies and what it is.

    lang       its language
    root       the folder report/ seen from the page: '..' from report/en/index.html, '../..' from report/<study>/en/
    synthetic  whether the data are generated
    twin       the address of the same page in the other language, seen from this one; None if there is one language
    current    its place in NAVIGATION; '' for none
    """

    lang: Lang
    root: str
    synthetic: bool
    twin: str | None
    current: str = ""

    def to(self, name: str) -> str:
        """The address of a page of this language, for example `tables` or `table/estimate`."""
        if name == "studies":
            return f"{self.to('index')}#studies"
        return f"{self.root}/{self.lang}/{page_file(name, self.synthetic)}"

    def say(self, text: Text) -> str:
        """A text in the page's language."""
        return said(text, self.lang)


def site_page(title: str, body: str, frame: Frame, *, head: str = "", scripts: Sequence[str] = ()) -> str:
    """A whole page of the site: `title` is its heading, `body` the HTML below.

    `head`: more HTML for the head; `scripts`: addresses of scripts to load after site.js.
    """
    return (
        templates(Path(__file__).parent)
        .get_template("shell.html.j2")
        .render(
            title=title,
            body=Markup(body),
            frame=frame,
            head=Markup(head),
            scripts=scripts,
            code=CODE,
            name=NAME,
            other="en" if frame.lang == "zh" else "zh",
            navigation=NAVIGATION,
            notice=NOTICE,
            words=_WORDS,
        )
    )


@cache
def templates(folder: Path) -> Environment:
    """The Jinja2 templates of a folder: everything filled in is escaped, and a name that is not given is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def assets(publication: Mapping[str, str]) -> dict[str, str]:
    """The files of report/assets/ by name. `publication`: what the footer says, `version` and `run`."""
    from medpanel.report.charts import libraries

    told = json.dumps(dict(publication), ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")
    own = {path.name: path.read_text(encoding="utf-8") for path in sorted(_ASSETS.iterdir())}
    return own | {
        # Wrapped in a function: as they come, the libraries' one-letter names would be global.
        "vega.js": f"(function () {{\n{libraries()}\n}})();\n",
        PUBLICATION: f"window.medpanelPublication = {told};\n",
    }


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
