"""Answers of a part to assumptions set for one question: `medpanel scenario`. Nothing is computed into the workspace.

Belongs here: finding the part by the name of its scenario, reading what was set, the published rows it may use.
Does not belong here: the answer (the part's `answer`), and the command's options (cli.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from catalog import Study
from catalog.base import refuse
from medpanel.publishing import PublishError
from medpanel.runs.workspace import Workspace
from models_py.figures.show import LANGS
from models_py.figures.table import Cell, in_language, stacked
from models_py.parts.registry import StudyPart, parts_of, set_for_run

if TYPE_CHECKING:
    import pandas as pd

    from models_py.figures.table import ReportTable


class WhatIfError(ValueError):
    """No part, or more than one, goes by the name asked for, or a setting is not written name=number."""


def find(known: Iterable[Study], name: str, study: str | None) -> tuple[Study, StudyPart]:
    """The part with settings that goes by `name`, of one study if that is given. Raises WhatIfError listing them."""
    found = [
        (one, part) for one in known for part in parts_of(one) if part.part.answer is not None and part.options.settings
    ]
    there = ", ".join(f"{part.options.asked_as} (--study {one.id})" for one, part in found)
    wanted = [pair for pair in found if pair[1].options.asked_as == name and study in (None, pair[0].id)]
    refuse(
        (not wanted, f"{name}: no such scenario; there is {there or 'none'} / 没有这一情景"),
        (len(wanted) > 1, f"{name}: in several studies, choose one with --study; there is {there} / 请用 --study 选择"),
        error=WhatIfError,
    )
    return wanted[0]


def parsed(settings: Iterable[str]) -> dict[str, float]:
    """`name=number` as a mapping. Raises WhatIfError for anything else, and for a name given twice."""
    found: dict[str, float] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            number = float(value)
        except ValueError:
            raise WhatIfError(
                f"--set {setting}: expected name=number, for example adoption=0.4 / 应写作 名称=数值"
            ) from None
        refuse((name.strip() in found, f"--set {name}: given twice / 重复设定"), error=WhatIfError)
        found[name.strip()] = number
    return found


def answered(workspace: Workspace, name: str, study: str | None, settings: Iterable[str]) -> list[ReportTable]:
    """The tables that answer. Raises WhatIfError, SettingError, and ValueError as the part does."""
    found, part = set_for_run(*find(workspace.known_studies().values(), name, study), parsed(settings))
    assert part.part.answer is not None
    tables, kind = _published(workspace, found, part.part.uses)
    return list(part.part.answer(found, part.options, tables, kind))


def _published(workspace: Workspace, study: Study, names: Iterable[str]) -> tuple[dict[str, pd.DataFrame], str]:
    """Published rows of a study by table, as far as there are any, and their kind of data ('' without)."""
    from medpanel.published import run_query
    from medpanel.runs.warehouse import literal, quote

    try:
        kind = str(run_query(workspace, "select data_kind from run_manifest")["data_kind"].iloc[0])
        there = set(run_query(workspace, "select table_name from duckdb_tables()")["table_name"])
    except PublishError:
        return {}, ""
    query = "select * from {} where study = " + literal(study.id)
    return {name: run_query(workspace, query.format(quote(name))) for name in names if name in there}, kind


def show(tables: Iterable[ReportTable], console: Console) -> None:
    """Tables one below the other, each with its notes, in both languages."""
    for table in tables:
        heads = ["", *(_both(stacked(*dict.fromkeys(texts))) for texts in zip(*table.header, strict=True))]
        columns = (Column(escape(head), overflow="fold") for head in heads)
        printed = Table(*columns, title=escape(_both(table.heading)), show_lines=True)
        for row in table.rows:
            printed.add_row(*(escape(_both(cell)) for cell in (row.label, *row.cells)))
        console.print(printed)
        for note in table.remarks:
            console.print(_both(note), markup=False, highlight=False)


def _both(cell: Cell) -> str:
    """Chinese over English, once where they are the same."""
    return "\n".join(dict.fromkeys(in_language(cell, lang) for lang in LANGS))
