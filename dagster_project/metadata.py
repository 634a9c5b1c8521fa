"""What the Dagster UI shows of a table: row count, columns with units, a preview; and text of users' files, as text.

The UI reads descriptions and Markdown as Markdown: what a user's file says must not become a link or a picture there.
"""

import math
import re
from typing import TYPE_CHECKING, Any

import dagster as dg

from catalog import load_tables

if TYPE_CHECKING:
    import pandas as pd

PREVIEW_ROWS = 8
# Of a check's result: a table of what did not pass.
FAILED = "failed"
SEVERITY = {"critical": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def as_text(text: str) -> str:
    """Markdown that the UI shows as the text itself."""
    from medpanel.report.markdown import escaped

    return unlinked(escaped(text))


def unlinked(markdown: str) -> str:
    """The Markdown with addresses broken by a character of no width: the UI would make links of them."""
    return re.sub(r"(?i)(\b[a-z][a-z0-9+.-]*:(?=\S)|\bwww(?=\.)|@)", "\\1\u2060", markdown)


def describe(table_name: str) -> str:
    """Description of a published table in both languages, for the asset page."""
    table = load_tables()[table_name]
    return f"{table.en}\n\n{table.zh}\n\nSource: {table.source}"


def table_metadata(frame: "pd.DataFrame", table_name: str | None = None, rows: int | None = None) -> dict[str, Any]:
    """Row count, preview of the first rows and, for a published table, its column descriptions."""
    metadata: dict[str, Any] = {"dagster/row_count": len(frame) if rows is None else rows}
    if len(frame):
        head = frame.head(PREVIEW_ROWS)
        records = [dg.TableRecord({str(k): _plain(v) for k, v in row.items()}) for row in head.to_dict("records")]
        schema = dg.TableSchema(columns=[dg.TableColumn(str(name)) for name in frame.columns])
        metadata["preview"] = dg.MetadataValue.table(records, schema)
    if table_name is not None:
        columns = load_tables()[table_name].columns
        metadata["dagster/column_schema"] = dg.TableSchema(
            columns=[dg.TableColumn(name, column.type, description=column.text) for name, column in columns.items()]
        )
    return metadata


def _plain(value: Any) -> str | int | float | bool | None:
    import pandas as pd

    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "item"):
        value = value.item()
    return value if isinstance(value, (str, int, float, bool)) else str(value)
