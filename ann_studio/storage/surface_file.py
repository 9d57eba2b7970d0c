"""A surface as CSV: a row for each point of its grid."""

from __future__ import annotations

import os
from pathlib import Path

from ann_studio.analysis.surface import Surface
from ann_studio.storage.atomic import replacing

COLUMNS = ("s", "t", "train_loss")


def save_surface(surface: Surface, path: Path) -> None:
    """Write the coordinates and the cost of every grid point, all digits; s runs fastest, both ascend.

    An infinite cost is ``inf``; where it is no number, the cell is empty.

    Raises
    ------
    WriteError
        If nothing can be written there; then an earlier file stays.
    """
    along = [repr(s) for s in surface.columns.tolist()]
    with replacing(path) as temporary, temporary.open("x", encoding="utf-8", newline="") as stream:
        stream.write(",".join(COLUMNS) + "\n")
        for t, row in zip(surface.rows.tolist(), surface.values, strict=True):
            cells = ("" if cost != cost else repr(cost) for cost in row.tolist())
            stream.writelines(f"{s},{t!r},{cost}\n" for s, cost in zip(along, cells, strict=True))
        stream.flush()
        os.fsync(stream.fileno())
