"""Colours in place of brightness."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.arrays.edges import heat_map
from kerashar.features.checks import check_value_range
from kerashar.features.edges.grayscale import brightness_of
from kerashar.features.feature import Feature
from kerashar.names import unknown_name


@keras.saving.register_keras_serializable(package="kerashar")
class HeatMap(Feature):
    """Colours brightness by a table of 256 colours.

    Use it to look at images of one channel, or to feed them to a network that was trained on colours. Images with
    colours become grey first, as by `Grayscale`. It has no gradient.

    Args:
        colormap: name of a colour map of Matplotlib, such as `"viridis"`, `"inferno"` or `"gray"`. Defaults to
            `"viridis"`.
        value_range: intensities of the first and the last colour; what lies beyond gets those. Defaults to
            `(0, 255)`; take `(0, 1)` for images in [0, 1].

    Call arguments:
        inputs: images, grey or in colours.

    Input shape:
        `(batch, height, width, channels)` with 1 or 3 channels.

    Output shape:
        `(batch, height, width, 3)`: red, green and blue in [0, 1].

    Raises:
        ValueError: an unknown colour map, a range that doesn't rise, or images with another number of channels.

    Example:
        >>> HeatMap("gray").array(np.array([0.0, 255.0])[None, None, :, None])[0, 0].tolist()
        [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]

    Reference:
        Equal to calling the colour map of Matplotlib with intensities scaled to [0, 1].
    """

    dimensions = (2,)

    def __init__(self, colormap: str = "viridis", value_range: Sequence[float] = (0, 255), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _table(colormap)
        check_value_range(value_range)
        self.colormap = colormap
        self.value_range = tuple(value_range)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        if input_shape[-1] not in (1, 3):
            raise ValueError(f"Expected images of 1 or 3 channels. Received: channels={input_shape[-1]}.")

    def extract(self, inputs: Any) -> Any:
        table = _table(self.colormap)
        low, high = self.value_range
        brightness = inputs if inputs.shape[-1] == 1 else brightness_of(inputs)
        entries = ops.floor((brightness[..., 0] - low) / (high - low) * len(table))
        entries = ops.cast(ops.clip(entries, 0, len(table) - 1), "int32")
        return ops.take(ops.convert_to_tensor(table), entries, axis=0)

    def array_function(self) -> Callable[[np.ndarray], np.ndarray]:
        return partial(heat_map, table=_table(self.colormap), value_range=self.value_range)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], 3)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "colormap": self.colormap, "value_range": self.value_range}


@lru_cache(maxsize=8)
def _table(colormap: str) -> np.ndarray:
    """256 colours `(256, 3)`."""
    from matplotlib import colormaps  # takes longer to import than all of kerashar

    if colormap not in colormaps:
        raise unknown_name("colour map", colormap, colormaps)
    return colormaps[colormap](np.linspace(0, 1, 256))[:, :3].astype("float32")
