"""Where the pages of the site lie below report/ of a publication. The pages themselves: medpanel/site, shell.py."""

from pathlib import Path

from models_py.figures.show import LANGS

# The page that leads to the reader's language.
CHOOSER = "index.html"


def page_file(name: str, synthetic: bool) -> str:
    """The file of a page: `tables` is tables.html, and synthetic_tables.html where the data are generated."""
    folder, _, stem = name.rpartition("/")
    return f"{folder}{'/' if folder else ''}{'synthetic_' if synthetic else ''}{stem}.html"


def written(report: Path, name: str) -> list[Path]:
    """A page in every language it is there in."""
    found = [report / lang / page_file(name, synthetic) for lang in LANGS for synthetic in (False, True)]
    return [path for path in found if path.is_file()]


def first_pages(report: Path) -> list[Path]:
    """The page to begin with; those of the studies where there is no site."""
    chooser = report / CHOOSER
    return [chooser] if chooser.is_file() else sorted(report.rglob("*index.html"))
