"""Several scales."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.images.warping import affine_warp, check_pixels
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class MultiScale(Augmentation):
    """Makes what is seen larger or smaller; the image keeps its shape.

    Use it for things at different distances. A larger image is cut at its edges, a smaller one filled up with its
    mirrored image.

    Args:
        scales: one of them is drawn for each image, each from 0.1 to 10. Defaults to (0.8, 1.0, 1.2).
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: no scales, or one outside [0.1, 10], a rate outside [0, 1], or an image of less than 2 x 2 pixels.

    Example:
        >>> tuple(MultiScale(seed=1)(np.ones((4, 32, 32, 3), "float32"), training=True).shape)
        (4, 32, 32, 3)

    Reference:
        Redmon and Farhadi, "YOLO9000: Better, Faster, Stronger", 2017, whose whole batches change their shape, so that
        a compiled step is compiled again for each.
    """

    dimensions = (2,)

    def __init__(
        self,
        scales: tuple[float, ...] = (0.8, 1.0, 1.2),
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        if not scales:
            raise ValueError(f"Expected at least one scale. Received: scales={scales!r}.")
        for scale in scales:
            check_within(0.1, 10, scales=scale)
        self.scales = scales

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_pixels(input_shape)

    def change(self, values: Any, draws: Draws) -> Any:
        drawn = ops.cast(draws.uniform(high=len(self.scales)), "int32")
        drawn = ops.minimum(drawn, len(self.scales) - 1)  # rounding may give the upper end
        matrices = np.eye(2)[None] / np.reshape(self.scales, (-1, 1, 1))
        return affine_warp(values, ops.take(ops.convert_to_tensor(matrices.astype("float32")), drawn, axis=0))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scales": self.scales}
