"""The formats of a bundle's data: Stata 118 with labels and notes, and Parquet: the same bytes for the same rows.

Belongs here: bytes of a data frame. Does not belong here: which frames there are and what the files are called.
"""

import datetime as dt
import io
from collections.abc import Mapping

import pandas as pd

from catalog.base import Text
from medpanel.office.stata import with_notes
from medpanel.replication.names import label
from medpanel.replication.samples import IN_SAMPLE, BundleError
from models_py.panel import Panel

# A .dta file carries the time it was written; Stata's own day zero says that it means nothing here.
_NO_TIME = dt.datetime(1960, 1, 1)


def stata_bytes(
    frame: pd.DataFrame, title: Text, labels: Mapping[str, Text], notes: tuple[str, ...], code: str, panel: Panel
) -> bytes:
    """`frame` as a Stata 118 file (Stata 14 and later); names of the entities are value labels of the column `code`.

    `title` becomes the data label, `labels` the variable labels (Chinese and English, at most 80 characters),
    `notes` the notes of the data set. Raises BundleError for a value Stata cannot hold.
    """
    buffer = io.BytesIO()
    value_labels = {IN_SAMPLE: {0.0: "dropped 剔除", 1.0: "used 使用"}, code: _entity_names(frame.get(code), panel)}
    try:
        frame.to_stata(
            buffer,
            write_index=False,
            byteorder="little",
            version=118,
            time_stamp=_NO_TIME,
            data_label=label(title.zh, title.en),
            variable_labels={name: label(labels[name].zh, labels[name].en) for name in frame.columns},
            value_labels={name: named for name, named in value_labels.items() if name in frame},
        )
    except ValueError as error:
        raise BundleError(f"Stata cannot hold a value of the sample: {error}") from error
    return with_notes(buffer.getvalue(), notes)


def parquet_bytes(frame: pd.DataFrame, title: Text, labels: Mapping[str, Text], notes: tuple[str, ...]) -> bytes:
    """`frame` as Parquet, title and notes in the metadata of the file, labels in those of the columns."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [column.with_metadata(labels[column.name].model_dump()) for column in table.schema]
    metadata = {"description": f"{title.en} / {title.zh}", "notes": "\n".join(notes)}
    buffer = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields, metadata=metadata)), buffer, compression="zstd")
    return buffer.getvalue()


def _entity_names(codes: pd.Series | None, panel: Panel) -> dict[float, str]:
    held = set() if codes is None else set(codes)
    return {float(one.code): f"{one.name_zh} {one.name_en}" for one in panel.entities if one.code in held}
