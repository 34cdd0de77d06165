"""Normalisation of an image's channels."""

import keras

from kerashar.layers.signal_normalization import SignalNormalization


@keras.saving.register_keras_serializable(package="kerashar")
class ImageNormalization(SignalNormalization):
    """Brings each colour to mean 0 and standard deviation 1, by figures fitted on training images.

    Use it as a model's first layer: the saved model then takes raw pixels, of whatever range it was fitted in. Weights
    trained elsewhere come with the figures that they were trained with.

    Call arguments:
        inputs, inverse, channels: as those of `SignalNormalization`.

    Input shape:
        `(batch, height, width, channels)`.

    Output shape:
        As the input.

    Raises:
        ValueError: `fit` on images that hold NaN or infinity, are empty, or have other channels.

    Example:
        >>> import numpy as np
        >>> images = np.random.default_rng(0).integers(0, 256, (64, 32, 32, 3)).astype("float32")
        >>> layer = ImageNormalization()
        >>> layer.fit(images)
        >>> abs(float(keras.ops.mean(layer(images)))) < 1e-4
        True
    """

    samples = "images (n, height, width, {channels})"
