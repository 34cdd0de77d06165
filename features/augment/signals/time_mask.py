"""Time mask."""

from typing import Any, Literal

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.checks import check_within
from kerashar.layers.checks import check_choice, check_sizes


@keras.saving.register_keras_serializable(package="kerashar")
class TimeMask(Augmentation):
    """Blanks stretches of time in all channels.

    Use it against dependence on one moment of a movement, and for sensors that drop out.

    Args:
        share: of the window that one stretch covers, from 0 to 1, to the nearest sample. Defaults to 0.1.
        count: how many stretches; they may overlap. Defaults to 1.
        fill: `"mean"` puts the channel's mean over the window, which keeps gravity, `"zero"` puts 0, which suits
            normalised windows. Defaults to `"mean"`.
        rate: share of the samples that are changed, from 0 to 1. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: windows.
        training: whether to change anything.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: a share or rate outside [0, 1], a count that is not a whole number of at least 1, or an unknown
            fill.

    Example:
        >>> import numpy as np
        >>> masked = np.array(TimeMask(0.25, fill="zero", seed=1)(np.ones((1, 128, 9), "float32"), training=True))
        >>> float(masked.mean())
        0.75

    Reference:
        Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition", 2019, whose
        lengths are random too, and whose masks lie in a spectrogram.
    """

    def __init__(
        self,
        share: float = 0.1,
        count: int = 1,
        fill: Literal["mean", "zero"] = "mean",
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        check_sizes(count=count)
        check_choice("fill", fill, ("mean", "zero"))
        self.share = share
        self.count = count
        self.fill: Literal["mean", "zero"] = fill

    def change(self, values: Any, draws: Draws) -> Any:
        time = values.shape[1]
        filling = ops.mean(values, axis=1, keepdims=True) if self.fill == "mean" else 0.0
        masked = draws.stretch(time, round(self.share * time))
        for _ in range(self.count - 1):
            masked = ops.logical_or(masked, draws.stretch(time, round(self.share * time)))
        return ops.where(masked[:, :, None], filling, values)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share, "count": self.count, "fill": self.fill}
