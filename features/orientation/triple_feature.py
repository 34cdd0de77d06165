"""Which channels are the three axes of a sensor."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from kerashar.features.arrays.orientation import known_triples
from kerashar.features.feature import Feature


class TripleFeature(Feature):
    """Works on triples of channels, the axes of a sensor.

    Use it as the base of such a feature.

    Args:
        triples: three channels for each sensor, or None for channels 0 to 2, 3 to 5 and so on. Defaults to None.

    Raises:
        ValueError: what is no triple of channels, a channel that the input lacks, or None where the number of channels
            is not a multiple of 3.
    """

    def __init__(self, triples: Sequence[Sequence[int]] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if triples is not None and not (triples and all(map(_is_triple, triples))):
            raise ValueError(f"Expected triples of channels, such as ((0, 1, 2),). Received: triples={triples!r}.")
        self.triples = None if triples is None else tuple(tuple(triple) for triple in triples)

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        channels = input_shape[-1]
        if self.triples is None and channels % 3:
            raise ValueError(
                f"Expected triples, or a multiple of 3 channels. Received: triples=None, channels={channels}."
            )
        if self.triples is not None and max(map(max, self.triples)) >= channels:
            raise ValueError(f"Expected triples of the {channels} channels. Received: triples={self.triples}.")

    def axes(self, inputs: Any) -> Any:
        """The triples of `(batch, time, channels)` as `(batch, time, triples, 3)`."""
        return ops.take(inputs, known_triples(self.triples, inputs.shape[-1]), axis=-1)

    def triple_count(self, channels: int) -> int:
        return len(known_triples(self.triples, channels))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "triples": self.triples}


def _is_triple(channels: Sequence[int]) -> bool:
    return len(channels) == 3 and all(isinstance(channel, int) and channel >= 0 for channel in channels)
