"""Telling a signal where it was blanked."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.data import WindowSet
from kerashar.features.checks import check_within
from kerashar.layers import SignalDecoder, SignalNormalization
from kerashar.training.pretraining.pretext_task import Augment, PretextTask
from kerashar.training.pretraining.span_mask import SpanMask
from kerashar.training.pretraining.time_features import time_features


class MaskedReconstruction(PretextTask):
    """Blanks spans of each window in all channels, and has the features tell what was there.

    Use it where windows hold movements longer than a span: what is blanked then follows from what is left. The features
    that learn are those of each time step, ahead of the pool; what pools them learns nothing.

    Args:
        share: of a window that is blanked on average, above 0 and below 1. Defaults to 0.5.
        seconds: length of one span. Defaults to 0.3.
        hidden: units of the network of one hidden layer that decodes the signal and is thrown away. Defaults to 64.

    Raises:
        ValueError: a share or length out of range, or a model without features of time steps.

    Reference:
        Haresamudram et al., "Masked Reconstruction Based Self-Supervision for Human Activity Recognition", 2020, who
        blank a tenth of the single samples. Spans: Xu et al., "LIMU-BERT", 2021. The error is smooth L1 of normalised
        signals, over blanked samples alone.
    """

    def __init__(self, share: float = 0.5, seconds: float = 0.3, hidden: int = 64) -> None:
        check_within(0, 1, share=share)
        if share in (0, 1) or not seconds > 0:
            raise ValueError(
                f"Expected a share above 0 and below 1, of spans above 0 s. Received: share={share}, seconds={seconds}."
            )
        self.share = share
        self.seconds = seconds
        self.hidden = hidden

    def network(self, backbone: keras.Model, training: WindowSet, augment: Augment, seed: int) -> keras.Model:
        time, channels = training.window_shape
        length = max(1, round(self.seconds * training.rate))
        if length >= time:
            raise ValueError(f"Expected spans shorter than the {time} samples of a window. Received: {self.seconds} s.")
        normalization = SignalNormalization(dtype="float32", name="target")
        normalization.fit(training.windows)

        inputs = keras.Input(training.window_shape, name="window")  # (batch, time, channels)
        signals = normalization(augment(inputs, 0))
        mask = SpanMask(self.share, length, seed, dtype="float32", name="mask")(signals)  # (batch, time, 1)
        blanked = normalization(signals * (1 - mask), inverse=True)  # each channel's mean where it is blanked
        features = time_features(backbone)(blanked)  # (batch, steps, features)
        samples = max(1, round(time / features.shape[1]))  # in one step
        decoded = SignalDecoder(channels * samples, self.hidden, name="decoder")(features)
        decoded = keras.layers.Reshape((-1, channels), name="samples")(decoded)  # (batch, steps * samples, channels)
        if decoded.shape[1] != time:
            decoded = ops.matmul(ops.convert_to_tensor(_stretching(decoded.shape[1], time)), decoded)
        outputs = _MaskedError(dtype="float32", name="masked_error")([decoded, signals, mask])
        return keras.Model(inputs, outputs, name="masked_reconstruction")


class _MaskedError(keras.layers.Layer):
    """Passes the decoded signal through, and adds its error where the window was blanked to the loss."""

    def call(self, inputs: Any) -> Any:
        decoded, signals, mask = (ops.cast(each, "float32") for each in inputs)
        error = keras.losses.huber(signals, decoded)  # (batch, time)
        mask = ops.squeeze(mask, axis=-1)
        self.add_loss(ops.sum(error * mask) / ops.maximum(ops.sum(mask), 1.0))
        return decoded

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


def _stretching(steps: int, time: int) -> np.ndarray:
    """What each sample takes of each step, linearly in between, `(time, steps)`."""
    middles = (np.arange(steps) + 0.5) * time / steps - 0.5
    parts = [np.interp(np.arange(time), middles, row) for row in np.eye(steps)]
    return np.stack(parts, axis=1).astype("float32")
