"""The works and data a study's output rests on, as BibTeX and in the numeric style of GB/T 7714-2015.

Belongs here: rendering, and the entries made from the data sources of a run. Does not belong here: the works
themselves (catalog/citations.yaml).
"""

import re
from importlib import metadata

import pandas as pd

import medpanel
from catalog.base import refuse
from catalog.citations import Author, Reference, cited_by
from catalog.lake import IN_USE
from catalog.studies import Study
from medpanel.replication.names import one_line
from medpanel.replication.samples import BundleError

_BIBTEX_TYPES = {
    "article": "article",
    "report": "techreport",
    "preprint": "misc",
    "software": "misc",
    "dataset": "misc",
}
# Document and carrier codes of GB/T 7714-2015, annex B.
_GBT_CODES = {"article": "J", "report": "R", "preprint": "EB/OL", "software": "CP", "dataset": "DS"}
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{char: f"\\{char}" for char in "&%$#_"},
}
_SOURCE_COLUMNS = ("publisher", "licence", "accessed_on", "vintage")
_SHOWN_AUTHORS = 3


def citations(study: Study, sources: pd.DataFrame | None) -> tuple[str, str]:
    """(BibTeX, GB/T 7714-2015) of a study: its paper, software, methods, then the data sources.

    `sources`: rows of table source_file (publisher, licence, accessed_on, vintage; refused files are left out), one
    entry per publisher, licence and edition with the last date of access. None when there are none to name.

    Raises BundleError for sources without those columns.
    """
    works = [*map(_versioned, cited_by(study)), *([] if sources is None else _source_references(sources))]
    numbered = enumerate(map(gbt7714_entry, works), start=1)
    return "\n".join(map(bibtex_entry, works)), "".join(f"[{number}] {entry}\n" for number, entry in numbered)


def bibtex_entry(work: Reference) -> str:
    """One BibTeX entry in UTF-8; the title keeps its capitals. Unknown fields are left out."""
    fields = {
        "author": " and ".join(_bibtex_author(author) for author in work.authors),
        "title": f"{{{_latex(work.title)}}}",
        "year": None if work.year is None else str(work.year),
        "journal": _latex(work.journal),
        "volume": work.volume,
        "number": work.issue or work.number,
        "pages": None if work.pages is None else work.pages.replace("-", "--"),
        "type": _latex(work.series),
        "version": work.version,
        "doi": work.doi,
        "eprint": work.arxiv,
        "archiveprefix": None if work.arxiv is None else "arXiv",
        "url": work.url,
        "urldate": work.accessed,
        "note": None if work.note is None else _latex(work.note.en),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value is not None]
    return f"@{_BIBTEX_TYPES[work.kind]}{{{work.id},\n" + ",\n".join(lines) + "\n}\n"


def gbt7714_entry(work: Reference) -> str:
    """One reference in the numeric style of GB/T 7714-2015: family names in capitals, three authors at most."""
    online = "/OL" if work.kind in ("software", "report") and work.url else ""
    title = one_line(work.title) if work.version is None else f"{one_line(work.title)}: {work.version}"
    parts = (
        f"{_gbt_authors(work.authors)}. {title}[{_GBT_CODES[work.kind]}{online}].",
        _gbt_appeared(work),
        work.url and f"{work.url}.",
        work.doi and f"DOI: {work.doi}.",
        work.note and f"（{one_line(work.note.zh)}）",
    )
    return " ".join(part for part in parts if part)


def _gbt_appeared(work: Reference) -> str:
    """Where and when the work appeared; for data and software the year, if any, and the day of access."""
    if work.kind == "article":
        volume = f", {work.volume}{f'({work.issue})' if work.issue else ''}" if work.volume else ""
        return f"{work.journal}, {work.year}{volume}{f': {work.pages}' if work.pages else ''}."
    if work.kind == "report":
        return f"{work.series}{f', No. {work.number}' if work.number else ''}, {work.year}."
    if work.kind == "preprint":
        return f"{work.year}. https://arxiv.org/abs/{work.arxiv}."
    date = f"{work.year or ''}" + (f"[{work.accessed}]" if work.accessed else "")
    return date and f"{date}."


def _versioned(reference: Reference) -> Reference:
    if reference.distribution is None:
        return reference
    version = medpanel.__version__ if reference.distribution == "medpanel" else metadata.version(reference.distribution)
    return reference.model_copy(update={"version": version})


def _source_references(sources: pd.DataFrame) -> list[Reference]:
    absent = [name for name in _SOURCE_COLUMNS if name not in sources.columns]
    refuse((absent, f"the sources lack the columns {', '.join(absent)}"), error=BundleError)
    used = sources[sources["status"].isin(IN_USE)] if "status" in sources.columns else sources
    works: list[Reference] = []
    for (publisher, vintage, licence), rows in used.groupby(["publisher", "vintage", "licence"], sort=True):
        synthetic = "data_kind" in rows.columns and bool((rows["data_kind"] == "synthetic").any())
        note_en = f"{'Synthetic data, no statistics. ' if synthetic else ''}{len(rows)} files; licence: {licence}"
        note_zh = f"{'合成数据，非统计数据；' if synthetic else ''}{len(rows)}个文件；许可：{licence}"
        works.append(
            Reference(
                id=f"source_{len(works) + 1}",
                kind="dataset",
                authors=(Author(name=one_line(str(publisher))),),
                title=f"Data files, edition {one_line(str(vintage))}",
                accessed=pd.Timestamp(rows["accessed_on"].max()).date().isoformat(),
                note={"en": note_en, "zh": note_zh},  # type: ignore[arg-type]
            )
        )
    return works


def _bibtex_author(author: Author) -> str:
    if author.name is not None:
        return f"{{{_latex(author.name)}}}"
    # Braces keep a family name of several words together.
    family = f"{{{_latex(author.family)}}}" if " " in str(author.family) else str(_latex(author.family))
    return f"{family}, {_latex(author.given)}" if author.given else family


def _gbt_authors(authors: tuple[Author, ...]) -> str:
    names = [_gbt_author(author) for author in authors[:_SHOWN_AUTHORS]]
    chinese = any("一" <= char <= "鿿" for char in names[0])
    more = ["等" if chinese else "et al"] if len(authors) > _SHOWN_AUTHORS else []
    return ", ".join([*names, *more])


def _gbt_author(author: Author) -> str:
    if author.name is not None:
        return one_line(author.name)
    words = re.split(r"[\s-]+", author.given or "")
    return " ".join([str(author.family).upper(), *(word[0].upper() for word in words if word)])


def _latex(text: str | None) -> str | None:
    return None if text is None else "".join(_LATEX.get(char, char) for char in one_line(text))
