"""CutMix."""

from math import prod
from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.mixing import Mixing


@keras.saving.register_keras_serializable(package="kerashar")
class CutMix(Mixing):
    """Replaces a stretch of time, or a rectangle, by that of another sample, and the label by its share.

    Use it where samples should stay made of real values: every value is one of the two samples'. Its labels need a
    loss that takes soft ones, such as `CategoricalCrossentropy`.

    Args:
        alpha: above 0: near 0 one of the two samples prevails, at 1 all shares are as likely. Defaults to 1.
        rate: share of the samples that are mixed. Defaults to 1.
        seed: seed of the draws, for repeatable runs. Defaults to None.

    Call arguments:
        inputs: `(samples, targets)`: windows or images, and their one-hot or soft labels.
        training: whether to mix.

    Input shape:
        Samples `(batch, time, channels)` or `(batch, height, width, channels)`, targets `(batch, classes)`.

    Output shape:
        As the inputs; targets keep their dtype.

    Raises:
        ValueError: an alpha that is not above 0, a rate outside [0, 1], or labels that are whole numbers.

    Example:
        >>> import numpy as np
        >>> images, labels = np.ones((4, 32, 32, 3), "float32"), np.eye(4, dtype="float32")
        >>> mixed, mixed_labels = CutMix(seed=1)((images, labels), training=True)
        >>> tuple(mixed.shape), tuple(mixed_labels.shape)
        ((4, 32, 32, 3), (4, 4))

    Reference:
        Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features", 2019.
        Their rectangle may reach beyond the image and is cut there; ours lies inside, and the label's weight is its
        exact area.
    """

    def __init__(self, alpha: float = 1.0, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(alpha=alpha, rate=rate, seed=seed, **kwargs)

    def kept(self, sizes: tuple[int, ...], draws: Draws) -> tuple[Any, Any]:
        side = (1 - self.share(draws)) ** (1 / len(sizes))  # share of each axis that is replaced
        replaced, count = True, 1.0
        for axis, size in enumerate(sizes):
            length = ops.round(side * size)
            along = ops.reshape(draws.stretch(size, length), (-1, *(1,) * axis, size, *(1,) * (len(sizes) - axis)))
            replaced, count = ops.logical_and(replaced, along), count * length
        return 1 - ops.cast(replaced, "float32"), 1 - count / prod(sizes)
