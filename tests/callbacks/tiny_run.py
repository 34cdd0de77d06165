"""A training that takes no time, for the tests of the logs."""

import keras

from tests.support import random_signal

RECIPE = {"model": "tiny", "epochs": 3, "model_settings": {"hidden": 4}, "features": {}}


class FailAt(keras.callbacks.Callback):
    """Ends the training with an error in the middle of an epoch, counted from 0."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch:
            raise ValueError("failed on purpose")


def tiny_model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((16, 2)),
            keras.layers.Conv1D(4, 3, padding="same", activation="relu", name="first"),
            keras.layers.Conv1D(3, 3, padding="same", name="last"),
            keras.layers.GlobalAveragePooling1D(name="pool"),
            keras.layers.Dense(1, name="logits"),
        ],
        name="tiny",
    )
    model.compile(keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1.0)), "mse")
    return model


def fit(model, *callbacks, epochs=3, initial_epoch=0):
    """The history of a plain Keras training of two steps an epoch, with validation after each."""
    windows, targets = random_signal(8, 16, 2), random_signal(8, 1)
    return model.fit(
        windows,
        targets,
        batch_size=4,
        epochs=epochs,
        initial_epoch=initial_epoch,
        validation_data=(windows, targets),
        callbacks=list(callbacks),
        shuffle=False,
        verbose=0,
    ).history
