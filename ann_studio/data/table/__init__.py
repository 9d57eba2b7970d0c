"""Somebody's own table (CSV and friends): read exactly, understood column by column, refused in one clear line."""

from ann_studio.data.table.cells import is_missing
from ann_studio.data.table.columns import ColumnInfo, describe, suggest_target
from ann_studio.data.table.conversion import encode_rows, to_dataset
from ann_studio.data.table.errors import TableError, clip
from ann_studio.data.table.reading import Table, read_table

__all__ = [
    "ColumnInfo",
    "Table",
    "TableError",
    "clip",
    "describe",
    "encode_rows",
    "is_missing",
    "read_table",
    "suggest_target",
    "to_dataset",
]
