"""What features that summarise each channel share."""

from kerashar.features.feature import Feature


class ChannelValues(Feature):
    """Gives several values of each channel of a window: value by value, each over the channels.

    Use it as the base of such a feature, which gives `values_per_channel`, `extract` and `array_function`.

    Input shape:
        `(batch, time, channels)`.

    Output shape:
        `(batch, values_per_channel * channels)`.
    """

    def values_per_channel(self) -> int:
        raise TypeError(f"Expected {type(self).__name__} to define values_per_channel.")

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, _, channels = input_shape
        return (batch, None if channels is None else self.values_per_channel() * channels)
