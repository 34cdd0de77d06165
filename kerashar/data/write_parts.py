"""Writing an array to a file as it comes, without knowing how long it gets."""

from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike


def write_parts(file: BinaryIO, parts: Iterable[np.ndarray], shape: tuple[int, ...], dtype: DTypeLike) -> None:
    """Write the `.npy` file of an array `(n, *shape)` whose parts come one after the other.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> write_parts(file, (np.full((2, 3), number, "uint8") for number in range(4)), (3,), "uint8")
        >>> _ = file.seek(0)
        >>> np.load(file)[:, 0].tolist()
        [0, 0, 1, 1, 2, 2, 3, 3]
    """
    _write_header(file, (0, *shape), dtype)
    begin, count = file.tell(), 0
    for part in parts:
        file.write(np.ascontiguousarray(part).data)
        count += len(part)
    file.seek(0)
    _write_header(file, (count, *shape), dtype)  # NumPy leaves room for the first number, so the length is the same
    if file.tell() != begin:
        raise RuntimeError(f"Expected a header of {begin} bytes from NumPy. Received: {file.tell()}.")


def _write_header(file: BinaryIO, shape: tuple[int, ...], dtype: DTypeLike) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
