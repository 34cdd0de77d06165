"""What augmentations that mix samples and their labels share."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops
from scipy.special import betaincinv

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws, quantile_places
from kerashar.features.checks import check_positive


class Mixing(Augmentation):
    """Mixes each sample, and its label, with another sample of the batch.

    Use it as the base of such augmentations: give `kept`. Which samples are partners is a random order of the batch,
    and each pair has its own share, drawn from Beta(alpha, alpha).

    Args:
        alpha: above 0: near 0 one of the two samples prevails, at 1 all shares are as likely.
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
    """

    dimensions = (1, 2)

    def __init__(self, alpha: float, rate: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_positive(alpha=alpha)
        self.alpha = alpha

    def build(self, input_shape: Any) -> None:
        samples, _ = input_shape
        super().build(samples)

    def call(self, inputs: Any, training: bool = False) -> Any:
        samples, targets = inputs
        _check_targets(targets)
        if training and self.rate > 0:
            values = ops.cast(samples, "float32")
            draws = Draws(ops.shape(values)[0], self.seed_generator)
            mask, share = self.kept(values.shape[1:-1], draws)
            if self.rate < 1:
                chosen = draws.uniform(1) < self.rate
                mask = ops.where(ops.reshape(chosen, (-1,) + (1,) * (len(values.shape) - 1)), mask, 1.0)
                share = ops.where(chosen, share, 1.0)
            partners = draws.partners()
            samples = mask * values + (1 - mask) * ops.take(values, partners, axis=0)
            labels = ops.cast(targets, "float32")
            labels = share * labels + (1 - share) * ops.take(labels, partners, axis=0)
            targets = ops.cast(labels, targets.dtype)
        return ops.cast(samples, self.compute_dtype), targets

    def kept(self, sizes: tuple[int, ...], draws: Draws) -> tuple[Any, Any]:
        """What stays of each sample, and of its label.

        Args:
            sizes: of one sample, without its channels.
            draws: where random numbers come from.

        Returns:
            Weights from 0 to 1 that broadcast to the samples, and the label's weight `(batch, 1)`.
        """
        raise TypeError(f"Expected {type(self).__name__} to define kept.")

    def share(self, draws: Draws) -> Any:
        """Each sample's share `(batch, 1)` from Beta(alpha, alpha).

        Drawn from a table of quantiles: for a small alpha the quotient of gamma variables that backends compute is
        0 / 0.
        """
        return draws.quantiles(_beta_quantiles(self.alpha))

    def compute_output_spec(self, inputs: Any, training: bool = False) -> Any:
        samples, targets = inputs
        _check_targets(targets)
        return keras.KerasTensor(samples.shape, self.compute_dtype), keras.KerasTensor(targets.shape, targets.dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}


def _check_targets(targets: Any) -> None:
    dtype = keras.backend.standardize_dtype(targets.dtype)
    if "float" not in dtype or len(targets.shape) < 2:
        raise ValueError(
            "Expected targets (batch, classes) of floats: labels that are whole numbers can't be mixed, so one-hot "
            f"them first by keras.ops.one_hot. Received: shape={tuple(targets.shape)}, dtype={dtype}."
        )


@cache
def _beta_quantiles(alpha: float) -> np.ndarray:
    return betaincinv(alpha, alpha, quantile_places()).astype("float32")
