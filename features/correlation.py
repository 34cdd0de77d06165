"""Correlation along one axis, as in SciPy."""

from typing import Any, Literal, get_args

import numpy as np

from kerashar.features.extension import extend
from kerashar.features.filtering import along_axis, filter_bank

Border = Literal["reflect", "nearest", "mirror", "wrap", "constant"]
BORDERS = get_args(Border)
EXTENSIONS = {  # what PyWavelets calls the borders of SciPy
    "reflect": "symmetric",
    "nearest": "constant",
    "mirror": "reflect",
    "wrap": "periodic",
    "constant": "zero",
}


def correlate_axis(inputs: Any, taps: np.ndarray, axis: int, mode: str = "reflect", strides: int = 1) -> Any:
    """Correlate a signal or image with an odd number of taps along one axis, as `scipy.ndimage.correlate1d` does.

    Args:
        inputs: tensor `(batch, time, channels)` or `(batch, height, width, channels)`.
        taps: `(taps,)`.
        axis: 1, or 2 for the width of an image.
        mode: one of `BORDERS`.
        strides: step between the outputs that are kept, in samples.

    Returns:
        Tensor of the same shape, apart from the strides.
    """
    reach = len(taps) // 2

    def correlate(lines: Any) -> Any:
        return filter_bank(extend(lines, reach, reach, EXTENSIONS[mode]), taps[None], strides)[..., 0]

    return along_axis(correlate, inputs, axis)
