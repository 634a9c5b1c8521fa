"""A study's report: every table and figure its results carry, as files, and a page that shows them all.

Belongs here: file names and writing. Does not belong here: what tables, figures and the page (page.py) look like.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from catalog import Study, load_provinces
from catalog.base import Text
from medpanel.report.charts import chart_of
from medpanel.report.charts import preview as chart_preview
from medpanel.report.evidence import choices_table, evidence_tables, findings_table
from medpanel.report.figures import figures
from medpanel.report.formats import PACKAGES, html_fragment, html_page, latex, markdown
from medpanel.report.images import keep_home_clean, png, preview, svg
from medpanel.report.listing import estimates_table, inference_table, summary_table
from medpanel.report.live import downloads, figure_html, scripts
from medpanel.report.page import embedded, index_page, links, marked
from medpanel.report.regression import regression_tables
from medpanel.report.table import ReportTable
from medpanel.report.word import docx
from models_py.figures.show import LANGS, Figure, Lang

Kind = Literal["table", "figure", "page"]


class ReportError(ValueError):
    """The results do not make a report; the message says what is wrong."""


@dataclass(frozen=True)
class ReportFile:
    """One file written. `stem`: what it shows, the same for all its formats (a chart's ends with its language);
    `preview`: PNG, of the .png of figures.
    """

    path: Path
    stem: str
    title_en: str
    title_zh: str
    kind: Kind
    preview: bytes | None = None


def write_report(
    results: Mapping[str, pd.DataFrame],
    study: Study,
    data_kind: str,
    folder: Path,
    *,
    boundary: pd.DataFrame | None = None,
    findings: Sequence[Text] = (),
) -> list[ReportFile]:
    """Write all tables and figures of `study` into `folder` (made if absent) and an index page; the files in order.

    `results`: published tables by name, rows of other studies are left aside; a table that is absent or has no row of
    the study makes no file. Files are called <study>_<what>.<format>, with `synthetic_` before it on synthetic data;
    the page is index.html, synthetic_index.html there. `boundary`: features of one map file (lake table), for the map.
    `findings`: paragraphs the page begins with. Same input, same bytes.

    Raises ReportError for a data_kind other than real and synthetic, results of another data_kind and two tables of one
    name; FigureError as the figures do.
    """
    if data_kind not in ("real", "synthetic"):
        raise ReportError(f"data_kind must be real or synthetic, found {data_kind!r}")
    own = _own(results, study, data_kind)
    keep_home_clean()
    folder.mkdir(parents=True, exist_ok=True)
    prefix = "synthetic_" if data_kind == "synthetic" else ""
    files: list[ReportFile] = []
    shown: list[str] = []
    tables = list(_tables(own, study, data_kind == "synthetic"))
    twice = sorted({t.stem for t in tables if [u.stem for u in tables].count(t.stem) > 1})
    if twice:
        raise ReportError(f"two tables would be called {', '.join(twice)}; rename a table_no or model of {study.id}")
    for table in tables:
        name = f"{prefix}{study.id}_{table.stem}"
        fragment = html_fragment(table)
        contents = {
            "html": html_page(table.heading, fragment).encode(),
            "tex": latex(table, name.replace("_", "-")).encode(),
            "docx": docx(table),
            "md": markdown(table).encode(),
        }
        for suffix, content in contents.items():
            path = folder / f"{name}.{suffix}"
            path.write_bytes(content)
            files.append(ReportFile(path, table.stem, table.heading.en, table.heading.zh, "table"))
        shown.append(fragment + links(name, contents))
    if tables:
        files.append(_all_tables(folder, prefix, study, [f"{prefix}{study.id}_{t.stem}" for t in tables]))
    provinces = pd.DataFrame([p.model_dump(include={"province_code", "short_zh", "name_en"}) for p in load_provinces()])
    pictures: list[str] = []
    charts: dict[str, dict[str, Any]] = {}
    for picture in figures(own, study, data_kind, provinces, boundary):
        name = f"{prefix}{study.id}_{picture.stem}"
        title = marked(picture.title, data_kind)
        if isinstance(picture.figure, Figure):
            made, fragment, specs = _chart(folder, name, picture.stem, title, picture.figure)
            files += made
            pictures.append(fragment)
            charts |= specs
            continue
        contents = {"png": png(picture.figure), "svg": svg(picture.figure)}
        for suffix, content in contents.items():
            path = folder / f"{name}.{suffix}"
            path.write_bytes(content)
            small = preview(picture.figure) if suffix == "png" else None
            files.append(ReportFile(path, picture.stem, title.en, title.zh, "figure", small))
        pictures.append(embedded(picture.stem, title, contents["png"]) + links(name, contents))
    if charts:
        pictures.append(scripts(charts))
    page = folder / f"{prefix}index.html"
    title = marked(study.title, data_kind)
    page.write_text(index_page(title, data_kind, findings, pictures, shown), encoding="utf-8", newline="\n")
    return [ReportFile(page, "index", title.en, title.zh, "page"), *files]


def _chart(
    folder: Path, name: str, stem: str, title: Text, figure: Figure
) -> tuple[list[ReportFile], str, dict[str, dict[str, Any]]]:
    """A figure as files, one of each format a language and its data; its part of the page; its charts by name."""
    files: list[ReportFile] = []
    pictures: dict[Lang, bytes] = {}
    specs: dict[str, dict[str, Any]] = {}
    for lang in LANGS:
        chart = chart_of(figure, lang)
        contents = chart.files()
        pictures[lang], specs[f"{stem}_{lang}"] = chart_preview(contents["png"]), chart.spec
        for suffix, content in contents.items():
            path = folder / f"{name}_{lang}.{suffix}"
            path.write_bytes(content)
            small = pictures[lang] if suffix == "png" else None
            files.append(ReportFile(path, f"{stem}_{lang}", title.en, title.zh, "figure", small))
    data = folder / f"{name}_data.csv"
    # The mark at its beginning tells Excel that it is UTF-8.
    data.write_text(figure.data.to_csv(index=False, lineterminator="\n"), encoding="utf-8-sig", newline="\n")
    files.append(ReportFile(data, f"{stem}_data", title.en, title.zh, "figure"))
    fragment = figure_html(stem, figure, pictures, data.name) + downloads(name, list(contents), data.name)
    return files, fragment, specs


def _own(results: Mapping[str, pd.DataFrame], study: Study, data_kind: str) -> dict[str, pd.DataFrame]:
    """Rows of the study, tables without any left out."""
    own = {}
    for name, rows in results.items():
        if "study" in rows.columns:
            rows = rows[rows["study"] == study.id].reset_index(drop=True)
        if "data_kind" in rows.columns and set(rows["data_kind"]) - {data_kind}:
            raise ReportError(f"{name} has rows that are not {data_kind}")
        if len(rows):
            own[name] = rows
    return own


def _tables(own: Mapping[str, pd.DataFrame], study: Study, synthetic: bool) -> Iterator[ReportTable]:
    if "summary_statistic" in own:
        for table_no, rows in own["summary_statistic"].groupby("table_no", sort=False):
            yield summary_table(rows, study, str(table_no), synthetic)
    estimate, fits = own.get("estimate"), own.get("model_fit")
    if estimate is not None:
        for table_no, rows in estimate.groupby("table_no", sort=False):
            if fits is None or not (fits["table_no"] == table_no).any():
                yield estimates_table(rows, study, str(table_no), synthetic)
                continue
            yield from regression_tables(estimate, fits, study, str(table_no), synthetic)
            inference = inference_table(rows, study, str(table_no), synthetic)
            if inference is not None:
                yield inference
    if "spec_test" in own:
        yield from evidence_tables(own["spec_test"], study, synthetic)
    if "specification_choice" in own:
        yield choices_table(own["specification_choice"], study, synthetic)
    if "finding" in own:
        yield findings_table(own["finding"], study, synthetic)


def _all_tables(folder: Path, prefix: str, study: Study, names: Sequence[str]) -> ReportFile:
    """A LaTeX document of all tables, to be compiled where they lie."""
    inputs = "\n".join(rf"\input{{{name}.tex}}\clearpage" for name in names)
    packages = ",".join(PACKAGES)
    text = (
        "% XeLaTeX, UTF-8\n\\documentclass[UTF8]{ctexart}\n"
        f"\\usepackage{{{packages}}}\n\\usepackage[a3paper,landscape,margin=2cm]{{geometry}}\n"
        f"\\begin{{document}}\n{inputs}\n\\end{{document}}\n"
    )
    path = folder / f"{prefix}{study.id}_all_tables.tex"
    path.write_text(text, encoding="utf-8", newline="\n")
    title = marked(
        Text(zh=f"{study.title.zh}：全部表格", en=f"{study.title.en}: all tables"), prefix.rstrip("_") or "real"
    )
    return ReportFile(path, "all_tables", title.en, title.zh, "table")
