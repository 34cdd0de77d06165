"""The model that a server answers with."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

import kerashar
from kerashar.inference import NumpyStream
from kerashar.inference.program_builder import program_of
from kerashar.models import InputCard, load_model
from kerashar.training.top_classes import top_classes


class ServedModel:
    """A model file that is loaded, compiled for a few sizes of batch, and has run once at each.

    A compiled backend compiles once for each size, so a batch is filled up to the next of 1, 2, 4, ... and `batch`.

    Args:
        path: a `.keras` file with a card of what the model takes, as `kerashar.train` writes.
        batch: most samples in one call of the model. Defaults to 32.

    Raises:
        ValueError: a file that is refused, that has no card, or whose model gives no logits of classes.

    Example:
        >>> from kerashar import create_model, save_model
        >>> model = create_model("tcn", (32, 2), 3, hidden=4, levels=2)
        >>> model.input_card = InputCard("window", ("a", "b", "c"), (32, 2), 50.0, ("x", "y"), ("g", "g"))
        >>> save_model(model, "model.keras")
        >>> served = ServedModel("model.keras", batch=2)
        >>> served.logits(np.zeros((2, 32, 2), "float32")).shape, served.exact
        ((2, 3), True)
    """

    def __init__(self, path: Path | str, batch: int = 32) -> None:
        if batch < 1:
            raise ValueError(f"Expected batch to be at least 1. Received: batch={batch}.")
        path = Path(path)
        self.model = load_model(path)
        card: InputCard | None = getattr(self.model, "input_card", None)
        if card is None:
            raise ValueError(
                "Expected a model whose file says what it takes: `kerashar train` writes such files, and so does "
                f"`save_model` of a model with an `input_card`. Received: {path}, which says nothing."
            )
        classes = len(card.class_names)
        if self.model.output_shape != (None, classes):
            has = f"{path} of {classes} classes, whose outputs are {self.model.output_shape}"
            raise ValueError(f"Expected a model with a logit for each class. Received: {has}.")
        self.card, self.batch = card, batch
        self.file, self.sha256 = path.name, hashlib.sha256(path.read_bytes()).hexdigest()
        self._sizes = sorted({min(2**power, batch) for power in range(batch.bit_length() + 1)})
        try:
            self._program = program_of(self.model)
        except ValueError:  # it looks ahead, or takes images
            self._program = None
        for size in self._sizes:
            self.logits(np.zeros((size, *card.sample_shape), "float32"))

    @property
    def exact(self) -> bool:
        """Whether it can run sample by sample; otherwise a stream is cut into windows."""
        return self._program is not None

    def stepper(self) -> NumpyStream | None:
        """What runs a stream sample by sample: on NumPy, which for one stream is quicker than the backends."""
        return None if self._program is None else NumpyStream(self._program)

    def logits(self, samples: np.ndarray) -> np.ndarray:
        """Logits `(n, classes)` of at most `batch` samples."""
        size = next(size for size in self._sizes if size >= len(samples))
        filled = np.zeros((size, *samples.shape[1:]), "float32")
        filled[: len(samples)] = samples
        return np.asarray(self.model.predict_on_batch(filled))[: len(samples)]

    def answers(self, logits: np.ndarray, top: int = 1) -> list[dict[str, Any]]:
        """For each row of logits its label and confidence, and the likeliest classes if more than one is asked for."""
        answers = []
        for shares in top_classes(logits, self.card.class_names, top):
            label, confidence = next(iter(shares.items()))
            answers.append({"label": label, "confidence": confidence, **({"top": shares} if top > 1 else {})})
        return answers

    def check_given(self, rate: Any, channels: Any, units: Any) -> None:
        """Refuse windows of another rate, other channels or other units.

        Raises:
            ValueError: what is different, and what the model takes.
        """
        texts = all(
            isinstance(names, list) and all(isinstance(name, str) for name in names) for names in (channels, units)
        )
        if not texts or isinstance(rate, bool) or not isinstance(rate, int | float) or not channels:
            said = f"rate={rate!r}, channels={channels!r}, units={units!r}"
            raise ValueError(f"Expected a rate in Hz, and lists of names as channels and units. Received: {said}.")
        if len(channels) != len(units):
            raise ValueError(
                f"Expected a unit for each channel. Received: {len(channels)} channels, {len(units)} units."
            )
        given = InputCard("window", (), (1, len(channels)), float(rate), tuple(channels), tuple(units))
        if different := self.card.differences(given):
            raise ValueError(f"Expected windows as the model was trained on. Received: {'; '.join(different)}.")

    def describe(self) -> dict[str, Any]:
        """What a client has to know of it, as plain data."""
        return {
            "name": self.model.name,
            "file": self.file,
            "sha256": self.sha256,
            "version": kerashar.__version__,
            "parameters": self.model.count_params(),
            "input_shape": self.card.sample_shape,
            "output_shape": self.model.output_shape[1:],
            "classes": self.card.class_names,
            "card": self.card.to_json(),
            "exact_streams": self.exact,
        }
