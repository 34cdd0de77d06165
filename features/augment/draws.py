"""Random numbers for the samples of a batch."""

from math import prod
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.backend import random_bits

QUANTILES = 4096  # of a distribution that is drawn from a table: its steps are finer than any augmentation needs

STOCK = 32  # numbers for each sample that are drawn together


class Draws:
    """Draws anew for each sample of a batch.

    Use it in `Augmentation.change`. All draws of one call come from one seed generator. Small ones are taken from a
    stock, since a draw of the backend costs a tenth of a millisecond on torch however few numbers it gives, and half a
    second of compiling on JAX.

    Args:
        batch: number of samples, a tensor where it is not known ahead.
        seed_generator: where the seeds come from.
    """

    def __init__(self, batch: Any, seed_generator: keras.random.SeedGenerator) -> None:
        self.batch = batch
        self.seed_generator = seed_generator
        self.stock: Any = None
        self.used = STOCK  # nothing is left of a stock that was not drawn yet

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Any:
        """Numbers `(batch, *shape)` from `low` to `high`."""
        count = prod(shape)
        if count > STOCK:
            numbers = self._draw(count)
        else:
            if self.used + count > STOCK:
                self.stock, self.used = self._draw(STOCK), 0
            numbers = self.stock[:, self.used : self.used + count]
            self.used += count
        if (low, high) != (0.0, 1.0):
            numbers = numbers * (high - low) + low
        return ops.reshape(numbers, (-1, *shape))

    def normal(self, *shape: int) -> Any:
        """Numbers `(batch, *shape)` of mean 0 and deviation 1."""
        flat = keras.random.normal((self.batch * prod(shape),), dtype="float32", seed=self.seed_generator)
        return ops.reshape(flat, (-1, *shape))

    def noise(self, values: Any, low: float, high: float) -> Any:
        """Numbers of the shape of `values` from `low` to `high`, in 65,536 steps: half the time of `uniform`."""
        steps = ops.cast(random_bits(values, self.seed_generator), "float32")
        return steps * ((high - low) / 2**16) + (low + high) / 2

    def order(self, count: int) -> Any:
        """The numbers from 0 to `count - 1` in an order of each sample's own, `(batch, count)`."""
        return ops.argsort(self.uniform(count), axis=-1)

    def partners(self) -> Any:
        """Another order of the samples, `(batch,)`: each occurs once, perhaps at its own place."""
        return ops.argsort(self.uniform(), axis=-1)

    def quantiles(self, table: np.ndarray) -> Any:
        """One number `(batch, 1)` from the distribution whose `QUANTILES` quantiles are given."""
        place = ops.cast(self.uniform(1) * QUANTILES, "int32")
        return ops.reshape(ops.take(ops.convert_to_tensor(table), ops.reshape(place, (-1,)), axis=0), (-1, 1))

    def stretch(self, size: int, length: Any) -> Any:
        """Where a stretch lies that is as likely at one place as at another: `(batch, size)` of booleans.

        Args:
            size: samples or pixels that there are.
            length: how many the stretch covers, a whole number, or a tensor `(batch, 1)` of them.
        """
        free = size - length
        start = ops.minimum(ops.floor(self.uniform(1) * (free + 1)), free)  # rounding may give free + 1
        places = ops.arange(size, dtype="float32")
        return ops.logical_and(places >= start, places < start + length)

    def _draw(self, count: int) -> Any:
        # All numbers in a row: JAX takes 0.5 s to compile a draw of 73,000 numbers so, and 5 s with three axes.
        flat = keras.random.uniform((self.batch * count,), dtype="float32", seed=self.seed_generator)
        return ops.reshape(flat, (-1, count))


def quantile_places() -> np.ndarray:
    """The probabilities whose quantiles `Draws.quantiles` takes."""
    return (np.arange(QUANTILES) + 0.5) / QUANTILES
