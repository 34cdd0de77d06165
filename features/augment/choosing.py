"""Some samples of a batch changed, and the others as they were."""

from math import prod
from typing import Any

from keras import ops


def choose(chosen: Any, changed: Any, values: Any) -> Any:
    """Take a sample of `changed` where it is chosen `(batch,)`, and that of `values` elsewhere.

    Samples are laid out flat meanwhile: TensorFlow takes twice as long to spread a choice over four axes.
    """
    shape = tuple(values.shape[1:])
    changed, values = (ops.reshape(each, (-1, prod(shape))) for each in (changed, values))
    return ops.reshape(ops.where(ops.reshape(chosen, (-1, 1)), changed, values), (-1, *shape))
