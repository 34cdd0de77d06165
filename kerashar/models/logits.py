"""The end of a classifier."""

from typing import Any

from kerashar.layers import Dropout
from kerashar.layers.checks import check_share
from kerashar.layers.dense import Dense


def with_logits(
    features: Any, num_classes: int, dropout: float | None = None, seed: int | None = None, **settings: Any
) -> Any:
    """Logits `(batch, num_classes)` of pooled features `(batch, features)`, from a layer named `logits`, in float32.

    Args:
        features: symbolic tensor.
        num_classes: number of logits; 0 gives the features as they are.
        dropout: share of the features dropped ahead, in training; None puts no dropout there.
        seed: seed of that dropout.
        **settings: of the linear layer.

    Raises:
        ValueError: a share outside [0, 1).
    """
    if dropout is not None:
        check_share(rate=dropout)
    if not num_classes:
        return features
    if dropout is not None:
        features = Dropout(dropout, seed=seed, name="head_dropout")(features)
    return Dense(num_classes, dtype="float32", name="logits", **settings)(features)
