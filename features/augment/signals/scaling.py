"""Scaling."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.triples import Triples, channel_groups, check_triples, check_triples_fit
from kerashar.features.checks import check_not_negative


@keras.saving.register_keras_serializable(package="kerashar")
class Scaling(Augmentation):
    """Multiplies each channel by a random factor around 1.

    Use it against differences of calibration and of how vigorously people move.

    Args:
        deviation: of the factors, without unit. Defaults to 0.1.
        triples: channels that get one factor together, so that a vector keeps its direction: `"consecutive"` for
            (0, 1, 2), (3, 4, 5) and so on, or a tuple of triples; channels outside have factors of their own.
            Defaults to None, where every channel has.
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
        ValueError: a negative deviation, a rate outside [0, 1], or triples that the channels don't have.

    Example:
        >>> import numpy as np
        >>> scaled = np.array(Scaling(triples="consecutive", seed=1)(np.ones((2, 4, 3), "float32"), training=True))
        >>> bool(np.ptp(scaled[0]) == 0 and scaled[0, 0, 0] != scaled[1, 0, 0])
        True

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017; triples are ours.
    """

    def __init__(
        self,
        deviation: float = 0.1,
        triples: Triples | None = None,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_not_negative(deviation=deviation)
        check_triples(triples)
        self.deviation = deviation
        self.triples = triples

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_triples_fit(self.triples, input_shape[-1])

    def change(self, values: Any, draws: Draws) -> Any:
        groups = channel_groups(self.triples, values.shape[-1])
        factors = 1 + self.deviation * draws.normal(1, max(groups) + 1)
        return values * ops.take(factors, ops.convert_to_tensor(groups, "int32"), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "deviation": self.deviation, "triples": self.triples}
