"""Models that are fitted in closed form."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kerashar.layers import ExactNormalization, WideDense
from kerashar.layers.checks import check_classes, check_window_shape
from kerashar.models.configured_model import ConfiguredModel

ALPHAS = tuple(np.logspace(-3, 3, 10).tolist())  # as the authors of MiniRocket and Hydra
SCALES = np.logspace(-1, 1, 41)  # of scores, which lie about -1 and 1, to logits


class RidgeModel(ConfiguredModel):
    """A linear classifier on fixed features, which `fit` finds in one pass over the windows.

    Use it as the base of a model whose constructor gives a layer of features and one that scales them. `fit` takes
    callbacks and gives a history as Keras' own does, and so works with `kerashar.train`; its only epoch is a single
    pass, and it starts from nothing whatever the weights of the layers are. As with other models the normalisation is
    fitted before, `model.get_layer("normalization").fit(windows)`.

    A ridge regression on targets of -1 and 1 gives scores, not probabilities: the logits are the scores times the
    one number with the lowest cross-entropy on windows left out of the fit. That cross-entropy is the history's loss.

    Args:
        window_shape: `(time, channels)` of one window.
        num_classes: number of logits; 0 gives the scaled features.
        pool: layer named `pool` from windows to features.
        scaling: layer named `scaling` with a `fit` of its own.
        name: name of the model.
    """

    def __init__(
        self,
        window_shape: Sequence[int | None],
        num_classes: int,
        pool: keras.layers.Layer,
        scaling: keras.layers.Layer,
        name: str,
    ) -> None:
        check_window_shape(window_shape)
        check_classes(num_classes)

        # === Layers ===
        # In float32 under mixed precision too: the features are exact in it.
        normalization = ExactNormalization(dtype="float32", name="normalization")

        # === Functional model ===
        inputs = keras.Input(tuple(window_shape), name="window")  # (batch, time, channels)
        outputs = scaling(pool(normalization(inputs)))  # (batch, features)
        if num_classes:
            outputs = WideDense(num_classes, dtype="float32", name="logits")(outputs)
        super().__init__(inputs=inputs, outputs=outputs, name=name)

        # === Config ===
        self.window_shape = tuple(window_shape)
        self.num_classes = num_classes

    def fit(
        self,
        x: Any,
        y: np.ndarray | None = None,
        batch_size: int = 64,
        epochs: int = 1,
        verbose: str | int = 0,
        callbacks: Sequence[keras.callbacks.Callback] | None = None,
        shuffle: bool = False,
        initial_epoch: int = 0,
    ) -> keras.callbacks.History:
        """Fit biases, scaling and classifier to windows.

        Args:
            x: windows `(n, time, channels)`, or a `keras.utils.PyDataset` of batches of windows and labels.
            y: classes `(n,)`, or `(n, classes)` with 1 at the class; None where `x` holds them.
            batch_size: windows in one step, where `x` is an array.
            epochs: taken as Keras passes it; there is one epoch, since a second would change nothing.
            verbose: 0 shows nothing, 1 Keras' progress bar.
            callbacks: Keras callbacks; a batch ends for them when its features are computed.
            shuffle: taken as Keras passes it; the order makes no difference.
            initial_epoch: finished epochs: with 1 or more there is nothing left to do.

        Raises:
            ValueError: a model without logits, or labels of another width.
        """
        if not self.num_classes:
            raise ValueError("Expected a model with logits to fit. Received: num_classes=0.")
        batches = [x[index] for index in range(len(x))] if y is None else _split(x, y, batch_size)
        events = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose not in (0, "auto"),
            model=self,
            verbose=verbose,
            epochs=1,
            steps=len(batches),
        )
        self.stop_training = False
        events.on_train_begin()
        if initial_epoch == 0:
            events.on_epoch_begin(0)
            logs = {"loss": self._fit_in_one_pass(batches, events)}
            events.on_epoch_end(0, logs)
        else:
            logs = {}
        events.on_train_end(logs)
        return self.history

    def _fit_in_one_pass(self, batches: Sequence[tuple[Any, Any]], events: keras.callbacks.CallbackList) -> float:
        from sklearn.linear_model import RidgeCV  # slow to import, needed only here

        pool, scaling, logits = (self.get_layer(name) for name in ("pool", "scaling", "logits"))
        windows, labels = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        one_hot = labels if labels.ndim == 2 else np.eye(self.num_classes)[labels]
        if one_hot.shape[1] != self.num_classes:
            raise ValueError(f"Expected labels (n,) or (n, {self.num_classes}). Received: shape={labels.shape}.")
        if hasattr(pool, "fit"):  # Hydra's kernels need no data
            pool.fit(_values(self.get_layer("normalization")(windows)))
        features = []
        to_features = keras.Model(self.input, pool.output)
        for number, (batch, _) in enumerate(batches):
            events.on_train_batch_begin(number)
            features.append(to_features.predict_on_batch(batch))
            events.on_train_batch_end(number)
        features = np.concatenate(features)
        scaling.fit(features)
        # A penalty is judged by the scores of each window had it been left out, which scikit-learn keeps where it is
        # told how to judge them.
        ridge = RidgeCV(ALPHAS, scoring="neg_mean_squared_error", store_cv_results=True)
        ridge.fit(_values(scaling(features)).astype(np.float64), 2 * one_hot - 1)
        left_out = ridge.cv_results_[..., ALPHAS.index(ridge.alpha_)]  # (n, classes)
        losses = [_cross_entropy(scale * left_out, one_hot) for scale in SCALES]
        scale = SCALES[np.argmin(losses)]
        logits.kernel.assign(scale * ridge.coef_.T)
        logits.bias.assign(scale * ridge.intercept_)
        return float(min(losses))


def _split(windows: np.ndarray, labels: np.ndarray, batch_size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    starts = range(0, len(windows), batch_size)
    return [(windows[start : start + batch_size], labels[start : start + batch_size]) for start in starts]


def _values(tensor: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def _cross_entropy(logits: np.ndarray, one_hot: np.ndarray) -> float:
    logits = logits - logits.max(axis=1, keepdims=True)
    return float((np.log(np.exp(logits).sum(axis=1)) - (logits * one_hot).sum(axis=1)).mean())
