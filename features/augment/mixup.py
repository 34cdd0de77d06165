"""Mixup."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.draws import Draws
from kerashar.features.augment.mixing import Mixing


@keras.saving.register_keras_serializable(package="kerashar")
class Mixup(Mixing):
    """Replaces samples and labels by weighted means of two.

    Use it against overconfidence, on windows or images; its labels need a loss that takes soft ones, such as
    `CategoricalCrossentropy`.

    Args:
        alpha: above 0: near 0 one of the two samples prevails, at 1 all weights are as likely. Defaults to 0.2.
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
        >>> windows, labels = np.ones((4, 128, 9), "float32"), np.eye(4, dtype="float32")
        >>> mixed, mixed_labels = Mixup(seed=1)((windows, labels), training=True)
        >>> np.array(mixed_labels).sum(axis=1).round(5).tolist()
        [1.0, 1.0, 1.0, 1.0]

    Reference:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", 2018. Theirs draws one weight per batch, ours one
        for each sample.
    """

    def __init__(self, alpha: float = 0.2, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(alpha=alpha, rate=rate, seed=seed, **kwargs)

    def kept(self, sizes: tuple[int, ...], draws: Draws) -> tuple[Any, Any]:
        share = self.share(draws)
        return ops.reshape(share, (-1,) + (1,) * (len(sizes) + 1)), share
