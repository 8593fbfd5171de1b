"""Vectors on their way: from bytes that came over a pipe, to a column of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from trayassist.api import TrayassistError
from trayassist.workers.memory.embedder import Vectors


def received(made: bytes, count: int, dim: int) -> Vectors:
    """Return `count` unit vectors from float32 bytes. Raises TrayassistError when they are none."""
    if len(made) != 4 * count * dim:
        raise TrayassistError(
            f"The embedder gave {len(made) // 4} numbers for {count} passages of {dim} dimensions.",
            "Name another embedder.",
        )
    rows = np.frombuffer(made, np.float32).reshape(count, dim)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise TrayassistError("The embedder gave vectors that are no numbers.", "Name another embedder.")
    unit: Vectors = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def column(rows: Vectors) -> Any:
    """Return the column of a table that holds these vectors."""
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(rows).ravel()), rows.shape[1])
