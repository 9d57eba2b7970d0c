"""From the bytes of a file to text, or why they are none."""

from __future__ import annotations

import re

from ann_studio.data.table.errors import TableError

_LINE_END = re.compile(rb"\r\n|\r|\n")
_AS_CSV = 'save it as CSV (in Excel: "CSV UTF-8")'
#: How files begin that are taken for tables, what they are, and what helps.
_FOREIGN = {
    b"PK\x03\x04": f"this is a workbook or another zip archive, no text; open it and {_AS_CSV}",
    b"\xd0\xcf\x11\xe0": f"this is a workbook of an old Excel, no text; open it and {_AS_CSV}",
    b"%PDF-": "this is a PDF; take the table from where the PDF was made, as CSV",
    b"\x1f\x8b": "this is packed by gzip; unpack it first",
    b"PAR1": "this is a Parquet file, no text; convert it to CSV",
    b"SQLite format 3": "this is a database; export its table as CSV",
    b"\xff\xfe": f'this is UTF-16, as Excel\'s "Unicode Text" is; {_AS_CSV}',
    b"\xfe\xff": f"this is UTF-16; {_AS_CSV}",
}


def decode(raw: bytes, name: str) -> str:
    """The text of a file in UTF-8, with or without a byte order mark.

    Raises
    ------
    TableError
        If it is empty, binary or in another encoding.
    """
    for beginning, what in _FOREIGN.items():
        if raw.startswith(beginning):
            raise TableError(f"{name}: {what}")
    if (zero := raw.find(b"\0")) >= 0:
        raise TableError(f"{name}, {_place(raw, zero)}: this is a binary file; {_AS_CSV}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte order mark the position counts from behind it.
        place = _place(raw, error.start + len(raw) - len(error.object))
        raise TableError(f"{name}, {place}: not UTF-8; {_AS_CSV}") from None
    if not text.strip():
        raise TableError(f"{name}: the file is empty; choose one with a header and rows")
    return text


def _place(raw: bytes, position: int) -> str:
    """Line and character of a byte, from 1."""
    ends = [match.end() for match in _LINE_END.finditer(raw, 0, position)]
    begin = ends[-1] if ends else 0
    return f"line {len(ends) + 1}, character {len(raw[begin:position].decode('utf-8-sig', 'replace')) + 1}"
