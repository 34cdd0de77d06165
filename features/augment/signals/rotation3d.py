"""Rotation in space."""

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.features.augment.augmentation import Augmentation
from kerashar.features.augment.draws import Draws, quantile_places
from kerashar.features.augment.signals.triples import Triples, channel_triples, check_triples, check_triples_fit
from kerashar.features.checks import check_within


@keras.saving.register_keras_serializable(package="kerashar")
class Rotation3D(Augmentation):
    """Turns the sensor: one random rotation for all triples of axes of a window.

    Use it where a device is worn in another orientation than in training. Accelerometer and gyroscope turn together,
    and magnitudes stay. Where orientation tells activities apart, such as lying from standing, keep the angle small.

    Args:
        triples: channels that are the axes x, y and z of one sensor: `"consecutive"` for (0, 1, 2), (3, 4, 5) and so
            on, or a tuple of triples; channels outside stay. Defaults to `"consecutive"`.
        max_angle: largest angle in degrees, from 0 to 180. Rotations up to it are all as likely; at 180 these are all
            that there are. Defaults to 180.
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
        ValueError: an angle outside [0, 180], a rate outside [0, 1], or triples that the channels don't have.

    Example:
        >>> gravity = np.tile(np.array([0, 0, 9.81], "float32"), (4, 128, 1))
        >>> turned = np.array(Rotation3D(seed=1)(gravity, training=True))
        >>> [round(float(size), 2) for size in np.linalg.norm(turned, axis=-1)[:, 0]]
        [9.81, 9.81, 9.81, 9.81]

    Reference:
        Um et al., "Data Augmentation of Wearable Sensor Data for Parkinson's Disease Monitoring using Convolutional
        Neural Networks", 2017. Their angle is uniform, so small rotations are drawn too often. Density of the angle:
        Miles, "On random rotations in R^3", 1965.
    """

    def __init__(
        self,
        triples: Triples = "consecutive",
        max_angle: float = 180.0,
        rate: float = 1.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate=rate, seed=seed, **kwargs)
        if triples is None:
            raise ValueError('Expected triples to turn, such as "consecutive". Received: triples=None.')
        check_triples(triples)
        check_within(0, 180, max_angle=max_angle)
        self.triples = triples
        self.max_angle = max_angle

    def check_input(self, input_shape: tuple[int, ...]) -> None:
        check_triples_fit(self.triples, input_shape[-1])

    def change(self, values: Any, draws: Draws) -> Any:
        channels = values.shape[-1]
        triples = tuple(channel_triples(self.triples, channels))
        places, rest = (ops.convert_to_tensor(matrix) for matrix in _placement(triples, channels))
        turned = ops.matmul(_rotations(draws, self.max_angle), places)  # (batch, channels * channels)
        # One product turns all triples, wherever their channels are, and keeps the others.
        return ops.matmul(values, ops.reshape(turned + rest, (-1, channels, channels)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "triples": self.triples, "max_angle": self.max_angle}


def _rotations(draws: Draws, max_angle: float) -> Any:
    """Matrices `(batch, 9)`, row by row, of rotations about a uniform axis (Rodrigues' formula)."""
    angle = draws.quantiles(_angles(max_angle))
    axis = draws.normal(3)
    axis = axis * ops.rsqrt(ops.sum(axis * axis, axis=-1, keepdims=True) + 1e-12)  # never 0 / 0
    outer = ops.reshape(axis[:, :, None] * axis[:, None, :], (-1, 9))
    cross = ops.matmul(axis, ops.convert_to_tensor(_CROSS_PRODUCT))
    identity = ops.convert_to_tensor(np.eye(3, dtype="float32").reshape(1, 9))
    return ops.cos(angle) * identity + ops.sin(angle) * cross + (1 - ops.cos(angle)) * outer


# What each component of an axis adds to the matrix of the cross product with it, row by row.
_CROSS_PRODUCT = np.array(
    [[0, 0, 0, 0, 0, -1, 0, 1, 0], [0, 0, 1, 0, 0, 0, -1, 0, 0], [0, -1, 0, 1, 0, 0, 0, 0, 0]], "float32"
)


@cache
def _angles(max_angle: float) -> np.ndarray:
    """Quantiles of the angle of a random rotation, in radians: its density is proportional to 1 - cos(angle)."""
    angles = np.linspace(0, np.radians(max_angle), 100_000)
    below = angles - np.sin(angles)
    return np.interp(quantile_places() * below[-1], below, angles).astype("float32")


@cache
def _placement(triples: tuple[tuple[int, ...], ...], channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the entries of a rotation stand in the matrix of all channels, and the ones of channels that stay."""
    places = np.zeros((3, 3, channels, channels), "float32")
    rest = np.eye(channels, dtype="float32")
    for triple in triples:
        for row in range(3):
            rest[triple[row], triple[row]] = 0
            for column in range(3):
                places[row, column, triple[column], triple[row]] = 1
    return places.reshape(9, -1), rest.reshape(1, -1)
