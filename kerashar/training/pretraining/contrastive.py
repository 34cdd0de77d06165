"""Telling which two views are of one window."""

from typing import Any

import keras
from keras import ops

from kerashar.data import WindowSet
from kerashar.layers.dense import Dense
from kerashar.training.pretraining.pretext_task import Augment, PretextTask
from kerashar.training.sensor_triples import sensor_triples

_TURN = {"rotation3d": 30.0}  # degrees: most turns of a device on its belt or wrist
_VIEWS = {"scaling": 0.2, "jitter": True}


class Contrastive(PretextTask):
    """Draws two augmented views of each window, and has their features be more alike than those of other windows.

    Use it where many windows are at hand, with augmentations that keep what tells the classes apart: the features
    learn to ignore them. Large batches help, since the other windows of the batch are what each is told from.

    Args:
        temperature: by which cosines are divided; a lower one looks at the nearest others more. Defaults to 0.1.
        projection: width of the projection that is compared and thrown away. Defaults to 64.

    Raises:
        ValueError: a temperature that is not above 0.

    Reference:
        Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations", 2020. For activities: Tang
        et al., "Exploring Contrastive Learning in Human Activity Recognition for Healthcare", 2020, who find rotation
        to be the view that helps most; here it is of at most 30 degrees unless the recipe says otherwise, since gravity
        tells lying from standing.
    """

    def __init__(self, temperature: float = 0.1, projection: int = 64) -> None:
        if not temperature > 0:
            raise ValueError(f"Expected a temperature above 0. Received: temperature={temperature!r}.")
        self.temperature = temperature
        self.projection = projection

    def augmentation(self, training: WindowSet) -> dict[str, Any]:
        return {**(_TURN if sensor_triples(training.channels) else {}), **_VIEWS}

    def network(self, backbone: keras.Model, training: WindowSet, augment: Augment, seed: int) -> keras.Model:
        if len(training) < 2:
            raise ValueError(f"Expected at least two windows to tell apart. Received: {len(training)}.")
        inputs = keras.Input(training.window_shape, name="window")  # (batch, time, channels)
        views = keras.layers.Concatenate(axis=0, name="views")([augment(inputs, 0), augment(inputs, 1)])
        features = backbone(views)  # (2 * batch, features)
        hidden = Dense(features.shape[-1], activation="relu", name="hidden")(features)
        projected = Dense(self.projection, name="projection")(hidden)
        outputs = _Agreement(self.temperature, dtype="float32", name="agreement")(projected)
        return keras.Model(inputs, outputs, name="contrastive")


class _Agreement(keras.layers.Layer):
    """Passes projections of both views through, one view after the other, and adds their disagreement to the loss."""

    def __init__(self, temperature: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temperature = temperature

    def call(self, inputs: Any) -> Any:
        places = ops.normalize(ops.cast(inputs, "float32"), axis=-1)
        count = ops.shape(places)[0]
        alike = ops.matmul(places, ops.transpose(places)) / self.temperature  # (2 * batch, 2 * batch)
        alike = alike - 1e9 * ops.eye(count)  # nothing is its own partner
        partners = ops.roll(ops.arange(count), count // 2)
        losses = keras.losses.sparse_categorical_crossentropy(partners, alike, from_logits=True)
        self.add_loss(ops.mean(losses))
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
