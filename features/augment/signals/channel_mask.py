"""Channel mask."""

from typing import Any

import keras
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws
from kerashar.features.augment.signals.triples import Triples, channel_groups, check_triples, check_triples_fit
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class ChannelMask(Augmentation):
    """Sets random channels, or whole sensors, to 0.

    Use it against dependence on one sensor, and where some may be missing later. At least one channel or triple stays.

    Args:
        share: of the channels that are masked, from 0 to 1. Where it isn't a whole number of them, the number is drawn
            so that its mean is. Defaults to 0.2.
        triples: channels that are masked together: `"consecutive"` for (0, 1, 2), (3, 4, 5) and so on, or a tuple of
            triples. Defaults to None, where each channel is on its own.
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
        ValueError: a share or rate outside [0, 1], or triples that the channels don't have.

    Example:
        >>> import numpy as np
        >>> masked = np.array(ChannelMask(0.25, seed=1)(np.ones((1, 128, 8), "float32"), training=True))
        >>> float(masked.mean())
        0.75

    Reference:
        Neverova et al., "ModDrop: Adaptive Multi-Modal Gesture Recognition", 2016, who drop each modality on its own.
    """

    def __init__(
        self,
        share: float = 0.2,
        triples: Triples | None = None,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        check_within(0, 1, share=share)
        check_triples(triples)
        self.share = share
        self.triples = triples

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_triples_fit(self.triples, input_shape[-1])

    def change(self, values: Any, draws: Draws) -> Any:
        groups = channel_groups(self.triples, values.shape[-1])
        count = max(groups) + 1
        masked = ops.minimum(ops.floor(self.share * count + draws.uniform(1)), count - 1)
        kept = ops.cast(ops.cast(draws.order(count), "float32") >= masked, "float32")
        return values * ops.take(kept, ops.convert_to_tensor(groups, "int32"), axis=-1)[:, None]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "share": self.share, "triples": self.triples}
