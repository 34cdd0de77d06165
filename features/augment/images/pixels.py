"""What augmentations that change values, and not places, share."""

from typing import Any

from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_value_range


class PixelAugmentation(Augmentation):
    """Changes pixels on a scale from 0 to 1, whatever the images' range is.

    Use it as the base of such augmentations: give `change_pixels`. Values outside the range are cut to it, before and
    after.

    Args:
        value_range: lowest and highest value of the images. Defaults to (0, 255).
        rate: share of the samples that are changed. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: images.
        training: whether to change anything.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a range whose second number is not above its first, or a rate outside [0, 1].
    """

    dimensions = (2,)

    def __init__(
        self, value_range: tuple[float, float] = (0, 255), rate: float = 1.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_value_range(value_range)
        self.value_range = value_range

    def change(self, values: Any, draws: Draws) -> Any:
        low, high = self.value_range
        pixels = ops.clip((values - low) / (high - low), 0.0, 1.0)
        return ops.clip(self.change_pixels(pixels, draws), 0.0, 1.0) * (high - low) + low

    def change_pixels(self, pixels: Any, draws: Draws) -> Any:
        """All images changed, as a tensor of values from 0 to 1 out of one."""
        raise TypeError(f"Expected {type(self).__name__} to define change_pixels.")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}
