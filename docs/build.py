"""`make docs`: the pages of docs/en and docs/zh as two sites in docs/_build, each opening from disk.

Belongs here: putting each language's sources together and starting Sphinx; warnings are errors. Does not belong here:
what Sphinx is told (conf.py), and the pages.
docs/evidence, English and written by machines, is part of both sites.
"""

import re
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import main as sphinx

DOCS = Path(__file__).resolve().parent
BUILT = DOCS / "_build"
LANGUAGES = ("en", "zh")
# Whoever opens the folder chooses; without scripts both links are there.
_CHOOSER = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>medpanel</title>
<script>location.replace((navigator.language || "").startsWith("zh") ? "zh/index.html" : "en/index.html")</script>
</head><body><p><a href="en/index.html">English</a> · <a lang="zh" href="zh/index.html">中文</a></p></body></html>
"""


# Chinese has no blank where a line of the source ends.
_BROKEN_LINE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef”’])\n *(?=[\u3000-\u9fff\uff00-\uffef“‘])")


def staged(text: str, depth: int) -> str:
    """A page as Sphinx needs it: anchors of HTML as targets, links to evidence within the site, others as text, no
    blanks between lines of Chinese.

    depth: of the page's folder below that of its language.
    """
    # Every second piece is a block of code, with its fence.
    pieces = re.split(r"(^ *```[^\n`]*\n.*?^ *```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(piece if number % 2 else _prose(piece, depth) for number, piece in enumerate(pieces))


def _prose(text: str, depth: int) -> str:
    text = _BROKEN_LINE.sub("", text)
    text = re.sub(r'^<a id="([^"]+)"></a>$', r"(\1)=", text, flags=re.MULTILINE)
    text = re.sub(r'<a id="([^"]+)"></a>', r"[]{#\1}", text)
    text = re.sub(r"\]\((?:\.\./)+evidence/", f"]({'../' * depth}evidence/", text)
    # A file of the project is no page.
    outside = r"\[([^\]]+)\]\((?:\.\./){" + str(depth + 1) + r",}[^)]*\)"
    return re.sub(outside, r"\1", text)


def stage(language: str) -> Path:
    """The folder of a language's sources, made anew."""
    folder = BUILT / "sources" / language
    shutil.rmtree(folder, ignore_errors=True)
    for root, below in ((DOCS / language, Path()), (DOCS / "evidence", Path("evidence"))):
        for path in sorted(root.rglob("*.md")):
            target = folder / below / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            depth = len(target.relative_to(folder).parts) - 1
            target.write_text(staged(path.read_text(encoding="utf-8"), depth), encoding="utf-8")
    return folder


def build(language: str) -> int:
    """Make one site; Sphinx's code of success. Warnings are errors."""
    site, doctrees = BUILT / language, BUILT / "doctrees" / language
    for folder in (site, doctrees):
        shutil.rmtree(folder, ignore_errors=True)
    tags = ["-t", "zh"] if language == "zh" else []
    where = ["-c", str(DOCS), "-d", str(doctrees), str(stage(language)), str(site)]
    return sphinx(["-q", "-W", "--keep-going", "-b", "html", *tags, *where])


def main() -> int:
    """Make both sites and the page that leads to them."""
    codes = [build(language) for language in LANGUAGES]
    if any(codes):
        return 1
    (BUILT / "index.html").write_text(_CHOOSER, encoding="utf-8")
    print(f"{BUILT / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
