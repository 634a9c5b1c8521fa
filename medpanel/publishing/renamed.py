"""Views under the names that tables and columns had before, kept for one release.

Belongs here: what `renamed_from` in the catalog's declarations becomes, and refusing one whose release has passed.
Does not belong here: names of models before identities (names_before.py).
"""

from collections.abc import Collection, Iterator

from catalog.base import CatalogError, Text, refuse
from catalog.tables import RenamedFrom, Table, load_tables
from medpanel import __version__
from medpanel.publishing.view import View
from medpanel.runs.warehouse import quote

# Of the view of a table that has new columns under its old name.
BEFORE = "_before"


def renamed_views(taken: Collection[str] = (), version: str = __version__) -> tuple[View, ...]:
    """A view for each published table that, or a column of which, was renamed: with the old names.

    It has the table's old name, or where only columns were renamed the table's with `_before`. `taken`: names of other
    views. Raises CatalogError for an old name that is in use, and for one that `version` no longer keeps.
    """
    tables = [table for table in load_tables().values() if not table.internal]
    for table in tables:
        for place, old in _declared(table):
            _refuse_passed(place, old, version)
    views = tuple(_view(table) for table in tables if any(_declared(table)))
    names = [*taken, *load_tables(), *(view.name for view in views)]
    refuse(
        *((names.count(view.name) > 1, _in_use(view.of[0], view.name)) for view in views),
        error=CatalogError,
    )
    return views


def _declared(table: Table) -> Iterator[tuple[str, RenamedFrom]]:
    """Where something was renamed, and from what."""
    if table.renamed_from is not None:
        yield table.name, table.renamed_from
    for name, column in table.columns.items():
        if column.renamed_from is not None:
            yield f"{table.name}.{name}", column.renamed_from


def _view(table: Table) -> View:
    named = {name: column.renamed_from.name if column.renamed_from else name for name, column in table.columns.items()}
    name = table.renamed_from.name if table.renamed_from else f"{table.name}{BEFORE}"
    twice = sorted(old for old in named.values() if list(named.values()).count(old) > 1)
    refuse((twice, _in_use(table.name, ", ".join(twice[:1]))), error=CatalogError)
    until = min((old.until for _, old in _declared(table)), key=_parts)
    columns = ", ".join(f"{quote(new)} AS {quote(old)}" for new, old in named.items())
    return View(
        name=name,
        of=(table.name,),
        text=Text(
            en=f"{table.name} under the names it had before; until release {until}. {table.en}",
            zh=f"{table.name} 的旧名视图，保留至 {until} 版。{table.zh}",
        ),
        columns={old: table.columns[new] for new, old in named.items()},
        key=tuple(named[new] for new in table.key),
        sql=f"SELECT {columns} FROM {quote(table.name)}",
    )


def _refuse_passed(place: str, old: RenamedFrom, version: str) -> None:
    passed = _parts(version) > _parts(old.until)
    refuse(
        (
            passed,
            f"catalog: {place}: renamed_from keeps the name {old.name!r} until release {old.until}, and this is "
            f"{version}; expected a release no later; remove renamed_from, and say so in CHANGELOG.md / "
            f"旧名 {old.name!r} 仅保留至 {old.until} 版，当前为 {version}；请删除 renamed_from 并记入 CHANGELOG.md",
        ),
        error=CatalogError,
    )


def _in_use(table: str, name: str) -> str:
    return (
        f"catalog: {table}: renamed_from: the name {name!r} is that of another table, view or column; expected one "
        f"that is free / 旧名 {name!r} 与现有的表、视图或字段重名"
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
