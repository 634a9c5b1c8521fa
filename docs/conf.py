"""Sphinx's configuration of both languages; `-t zh` makes the Chinese pages, nothing the English ones.

Belongs here: what Sphinx is told. Does not belong here: putting the sources together and calling Sphinx (build.py).
"""

import re
from html import escape
from typing import Any

from sphinx.application import Sphinx
from sphinx.locale import _ as translated
from sphinx.search.zh import SearchChinese

from medpanel import __version__

LANGUAGE = "zh" if tags.has("zh") else "en"  # type: ignore[name-defined]  # noqa: F821 - Sphinx defines `tags`
OTHER = {"en": "zh", "zh": "en"}[LANGUAGE]
SWITCH = {"en": "中文", "zh": "English"}[LANGUAGE]
HAN = r"\u4e00-\u9fff"
# What the theme says in English only.
WORDS = {"zh": {"On this page": "本页内容", "Home": "首页"}, "en": {}}[LANGUAGE]

project = "medpanel"
author = "medpanel"
project_copyright = ""
release = version = __version__
language = {"en": "en", "zh": "zh_CN"}[LANGUAGE]
extensions = ["myst_parser", "sphinx.ext.autodoc"]
root_doc = "index"
# Text in single backticks in docstrings is code.
default_role = "code"
nitpicky = False
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]
# A page of the repository says `sh companion` or `yaml companion`; the words after the language are no option.
highlight_language = "none"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = {"en": "medpanel", "zh": "medpanel 文档"}[LANGUAGE]
html_static_path = ["_static"]
html_css_files = ["twin.css"]
html_copy_source = html_show_sourcelink = False
html_show_sphinx = html_show_copyright = False
html_last_updated_fmt = None
# Every page opens from disk: no page address is written into any, and nothing is fetched.
html_baseurl = ""
templates_path = ["_templates"]
# The bar at the head of every page, which the template fills with the link to the other language.
html_theme_options = {"announcement": SWITCH, "top_of_page_buttons": []}


class Bigrams(SearchChinese):
    """Chinese by pairs of characters, in pages and in queries: it needs no dictionary and finds every word.

    What Sphinx brings wants jieba, which comes as source only, and without it indexes no Chinese at all.
    """

    # Names the stemmer in the scripts: that of the Latin words.
    language_name = "English"
    js_splitter_code = f"""
function splitQuery(query) {{
  const words = [];
  for (const found of query.matchAll(/[a-zA-Z0-9_]+|[{HAN}]+/g)) {{
    const text = found[0];
    if (/[a-zA-Z0-9_]/.test(text) || text.length < 3) words.push(text);
    else for (let at = 0; at + 2 <= text.length; at++) words.push(text.slice(at, at + 2));
  }}
  return words;
}}
"""

    def split(self, input: str) -> list[str]:
        """Words in Latin letters, and each two Chinese characters that stand together."""
        runs = re.findall(f"[{HAN}]+", input)
        pairs = [run[at : at + 2] for run in runs for at in range(max(1, len(run) - 1))]
        latin = self.latin1_letters.findall(input)
        self.latin_terms.update(latin)
        return pairs + latin

    def word_filter(self, stemmed_word: str) -> bool:
        """Pairs of characters, and words of two letters or more."""
        return len(stemmed_word) > 1


def as_written(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are no reStructuredText: after the first paragraph their columns are shown as they stand."""
    end = lines.index("") if "" in lines else len(lines)
    rest = lines[end + 1 :]
    while rest and not rest[-1]:
        rest.pop()
    lines[end:] = ["", "::", "", *(f"   {line}" for line in rest), ""] if rest else []


def complete(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Add the link to the same page in the other language; what has no twin (search, index) leads to the first page."""
    up = "../" * (pagename.count("/") + 1)
    target = pagename if doctree is not None else "index"
    context["_"] = lambda text: WORDS.get(text) or translated(text)
    context["twin"] = f'<a class="twin" lang="{OTHER}" href="{up}{OTHER}/{escape(target)}.html">{SWITCH}</a>'


def setup(app: Sphinx) -> None:
    """Register the search, the switch and the docstrings."""
    app.add_search_language(Bigrams)
    app.connect("html-page-context", complete)
    app.connect("autodoc-process-docstring", as_written)
