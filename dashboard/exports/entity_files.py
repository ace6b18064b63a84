"""Entity tables as Parquet or CSV, with a file that states the key and the columns of each."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.exports.csv import to_csv
from dashboard.exports.entities import TABLES

FileFormat = Literal["parquet", "csv"]
ABOUT: Final = "tables.json"


def entity_files(
    tables: Mapping[str, pd.DataFrame],
    file_format: FileFormat,
    *,
    account: str,
    made_at: datetime,
    since: datetime | None,
) -> dict[str, bytes]:
    """Return every file of an export by name: one per table, and `tables.json`.

    Args:
        tables: The tables by name.
        file_format: Of the files. In Parquet texts are what Klenty said; in CSV a text that a spreadsheet would take
            for a formula gets an apostrophe in front.
        account: Whose tables they are.
        made_at: When they were read (aware).
        since: As `entity_tables` was asked.
    """
    arrow = {name: _arrow(name, table) for name, table in tables.items()}
    files = {
        f"{name}.{file_format}": _parquet(arrow[name]) if file_format == "parquet" else to_csv(table)
        for name, table in tables.items()
    }
    about = {
        "account": account,
        "made_at": made_at.isoformat(timespec="seconds"),
        "since": None if since is None else since.isoformat(timespec="seconds"),
        "format": file_format,
        "tables": {name: _about(name, table) for name, table in arrow.items()},
    }
    return {**files, ABOUT: json.dumps(about, ensure_ascii=False, indent=1).encode()}


def _about(name: str, table: pa.Table) -> dict[str, Any]:
    stated = TABLES[name]
    return {
        "about": stated.about,
        "key": list(stated.key),
        "mode": stated.mode,
        "rows": table.num_rows,
        "columns": {field.name: str(field.type) for field in table.schema},
    }


def _arrow(name: str, table: pd.DataFrame) -> pa.Table:
    """Return a table with plain types and its key and mode as metadata of the schema."""
    made = pa.Table.from_pandas(table, preserve_index=False)
    stated = {"klenty.key": ",".join(TABLES[name].key), "klenty.mode": TABLES[name].mode}
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in made.schema
    ]
    return made.cast(pa.schema(fields)).replace_schema_metadata(stated)


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
