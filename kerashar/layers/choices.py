"""What blocks choose by name: normalisations, activations, and where kernels start."""

from math import gcd
from typing import Any, Literal, get_args

import keras

from kerashar.layers.activation import Activation as ActivationLayer
from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.checks import check_choice
from kerashar.layers.layer_normalization import LayerNormalization

Normalization = Literal["batch", "layer", "group"]
Activation = Literal["relu", "leaky_relu", "prelu", "gelu", "silu"]

# Where transformers' kernels start. As plain data, of which each layer makes an initialiser of its own.
SMALL_NORMAL = {"class_name": "TruncatedNormal", "config": {"stddev": 0.02}}
_GROUPS = 8  # channels are split into so many groups, or into the most that divide them evenly


def check_choices(normalization: str, activation: str) -> None:
    """Refuse unknown names; the message gives the nearest."""
    check_choice("normalization", normalization, get_args(Normalization))
    check_choice("activation", activation, get_args(Activation))


def normalization_layer(kind: Normalization, channels: int, **settings: Any) -> keras.layers.Layer:
    """The normalisation of that name for signals of `channels` channels.

    `"batch"` takes each channel over batch and time (momentum 0.9, epsilon 1e-5, as PyTorch), `"layer"` all channels
    of a sample in time, `"group"` groups of channels over the window. Of images alike, over places instead of times.

    Example:
        >>> normalization_layer("group", 12).groups
        4
    """
    if kind == "batch":
        return BatchNormalization(**settings)
    if kind == "layer":
        return LayerNormalization(**settings)
    return keras.layers.GroupNormalization(gcd(_GROUPS, channels), epsilon=1e-5, **settings)


def activation_layer(kind: Activation, axes: int = 1, **settings: Any) -> keras.layers.Layer:
    """The activation of that name for signals `(batch, time, channels)`, or for images with `axes=2`.

    `"leaky_relu"` has slope 0.01 below zero; `"prelu"` learns a slope for each channel, the same at all times or
    places.
    """
    if kind == "leaky_relu":
        return keras.layers.LeakyReLU(negative_slope=0.01, **settings)
    if kind == "prelu":
        return keras.layers.PReLU(
            shared_axes=list(range(1, axes + 1)), alpha_initializer=keras.initializers.Constant(0.25), **settings
        )
    return ActivationLayer(kind, **settings)


def own_initializer(kind: Any) -> keras.initializers.Initializer:
    """The initialiser of that name, or a copy of the one that is given.

    An initialiser draws the same values for all layers that share it, whatever the seed was set to since it was made.

    Example:
        >>> given = keras.initializers.HeNormal()
        >>> own_initializer(given) is given
        False
    """
    initializer = keras.initializers.get(kind)
    return initializer.clone() if initializer is kind else initializer
