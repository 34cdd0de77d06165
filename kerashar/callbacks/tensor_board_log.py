"""A log for TensorBoard."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kerashar.callbacks.run_log import RunLog
from kerashar.callbacks.tracking_library import tracking_library
from kerashar.models.attention_weights import attention_layers


class TensorBoardLog(RunLog):
    """Writes figures, histograms of the weights, feature maps and attention for TensorBoard, without TensorFlow.

    Use it to see how a training goes and what the layers make of a window: `tensorboard --logdir FOLDER`. Feature maps
    have a row for each channel; of attention each head stands beside the next, with a row for each step that looks. A
    model that stands behind augmentations is looked at without them; other models inside it are not searched.

    Args:
        folder: the run's; the events go to `tensorboard` in it.
        recipe: settings of the run as plain data.
        windows: a few windows `(n, time, channels)`, or images, of the validation side to draw; None draws nothing.
        layers: names of the layers whose features are drawn. Defaults to the first and the last that has weights and
            keeps the time axis.

    Raises:
        ImportError: tensorboardX is missing.
        ValueError: the model has no such layer.
    """

    def __init__(
        self,
        folder: Path | str,
        recipe: Mapping[str, Any] | None = None,
        windows: np.ndarray | None = None,
        layers: Sequence[str] | None = None,
    ) -> None:
        super().__init__(folder)
        self.library = tracking_library("tensorboardX")
        self.recipe = dict(recipe or {})
        self.windows = windows
        self.layers = layers

    def start(self, first_epoch: int | None) -> None:
        self.writer = self.library.SummaryWriter(
            str(self.folder / "tensorboard"),
            purge_step=first_epoch,  # what a killed run wrote of this epoch and later ones is hidden
            filename_suffix=f".{first_epoch or 0:06}",  # two files of one second would be one
        )
        if first_epoch == 1:
            self.writer.add_text("recipe", f"```json\n{json.dumps(self.recipe, indent=2)}\n```", 0)
        self.probe = None
        if first_epoch is not None and self.windows is not None:
            self.watched = _without_augmentations(self.model)
            drawn = [self.watched.get_layer(name) for name in self.layers or _first_and_last(self.watched)]
            tensors = {f"features/{layer.name}": layer.output for layer in drawn}
            tensors |= {f"attention/{layer.name}": layer.input for layer in attention_layers(self.watched)}
            self.probe = keras.Model(self.watched.inputs[0], tensors) if tensors else None

    def log_epoch(self, epoch: int, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name, value, epoch)
        for weight in self.model.weights:
            values = ops.convert_to_numpy(ops.cast(weight, "float32"))
            if np.isfinite(values).all():
                self.writer.add_histogram(weight.path, values, epoch)
        if self.probe is not None:
            for tag, values in self.probe.predict_on_batch(self.windows).items():
                for number, maps in enumerate(self._maps(tag, values)):
                    self._picture(f"{tag}/{number}", maps, epoch)
        self.writer.flush()  # a run that is killed keeps it

    def log_figures(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name, value, 0)

    def finish(self, failed: bool) -> None:
        self.writer.close()

    def _maps(self, tag: str, values: np.ndarray) -> np.ndarray:
        """What is drawn of each window: `(channels, time)`, `(channels, height, width)` or `(heads, steps, steps)`."""
        kind, name = tag.split("/", 1)
        if kind == "features":
            return np.moveaxis(values, -1, 1)
        layer: Any = self.watched.get_layer(name)
        return ops.convert_to_numpy(ops.cast(layer.attention_weights(values), "float32"))

    def _picture(self, tag: str, values: np.ndarray, epoch: int) -> None:
        if values.ndim == 3:  # one head, or one channel of an image, beside the next
            values = np.concatenate(values, axis=1)
        lowest, highest = values.min(), values.max()
        grey = (values - lowest) / max(highest - lowest, 1e-12)
        self.writer.add_image(tag, grey.astype("float32"), epoch, dataformats="HW")


def _without_augmentations(model: keras.Model) -> keras.Model:
    """The model that the training's one ends in: what stands ahead of it acts in training alone."""
    last = model.layers[-1]
    return last if isinstance(last, keras.Model) and last.input_shape == model.input_shape else model


def _first_and_last(model: keras.Model) -> list[str]:
    over_time = [layer for layer in model.layers if len(getattr(layer.output, "shape", ())) >= 3]
    names = [layer.name for layer in over_time if layer.trainable_weights]
    return list(dict.fromkeys([*names[:1], *names[-1:]]))
