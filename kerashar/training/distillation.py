"""Training a small model on what larger ones say."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from kerashar.callbacks.checkpoint import EpochHook
from kerashar.losses import create_loss
from kerashar.training.evaluation import predict_logits
from kerashar.training.recipe import Recipe
from kerashar.training.run import TrainingResult, train
from kerashar.training.sides import TrainingSides


def distill(
    teachers: keras.Model | Sequence[keras.Model],
    recipe: Recipe,
    split: TrainingSides,
    folder: Path | str | None = None,
    on_epoch: EpochHook | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> TrainingResult:
    """Train a small model on the labels and on the outputs of one or more trained models, its teachers.

    Use it where the model that is accurate enough is too large for the device, or is an ensemble. The student is
    trained, validated, stopped and resumed as by `kerashar.train`.

    The teachers see each training window once, clean, ahead of the training. An augmented window keeps the teachers'
    word on the clean one, and windows that are mixed mix it as they mix the labels.

    Args:
        teachers: one trained model, or several whose softened probabilities are averaged. They take the split's windows
            and give logits of its classes, in its order.
        recipe: settings of the student's run, with `loss="distillation"`, and in `loss_settings` its `temperature` and
            `alpha`.
        split: windows of training and validation subjects. The teachers must not have been trained on the validation
            or test subjects.
        folder: as for `train`.
        on_epoch: as for `train`.
        callbacks: as for `train`.

    Raises:
        ValueError: a recipe of another loss, no teacher, one of other windows or classes, or what `train` refuses.

    Example:
        >>> student = Recipe(model_settings={"hidden": 16}, loss="distillation")  # doctest: +SKIP
        >>> result = distill([first, second], student, split, "runs/student")  # doctest: +SKIP

    Reference:
        Hinton et al., "Distilling the Knowledge in a Neural Network", 2015. Beyer et al., "Knowledge Distillation: A
        Good Teacher is Patient and Consistent", 2022, find that teachers that see each augmented window are better,
        at the price of running them in each step; here they don't.
    """
    if recipe.loss != "distillation":
        raise ValueError(f"Expected a recipe with loss='distillation'. Received: loss={recipe.loss!r}.")
    teachers = [teachers] if isinstance(teachers, keras.Model) else list(teachers)
    temperature = create_loss("distillation", **recipe.loss_settings).get_config()["temperature"]
    logits = teacher_logits(teachers, split.train.samples, temperature)
    labels = np.eye(split.train.num_classes, dtype="float32")[split.train.labels]
    if logits.shape != labels.shape:
        raise ValueError(
            f"Expected teachers of {labels.shape[1]} classes: {', '.join(split.train.class_names)}. "
            f"Received: {logits.shape[1]} logits."
        )
    targets = np.concatenate([labels, logits], axis=1)
    return train(recipe, split, folder, on_epoch, callbacks, targets=targets)


def teacher_logits(teachers: Sequence[keras.Model], windows: np.ndarray, temperature: float) -> np.ndarray:
    """Logits `(n, classes)` whose softened probabilities are the mean of the teachers', at this temperature.

    Use it for targets of the distillation loss of one's own training loop: they go to the right of the one-hot labels.

    Args:
        teachers: trained models of the same classes, at least one.
        windows: `(n, time, channels)`.
        temperature: that of the loss.

    Raises:
        ValueError: no teacher, teachers of different classes, windows of another shape, or logits that are not finite.
    """
    said = [predict_logits(teacher, windows).astype(np.float64) / temperature for teacher in teachers]
    if len({logits.shape for logits in said}) != 1:
        widths = [logits.shape[1] for logits in said]
        raise ValueError(f"Expected at least one teacher, all of the same classes. Received: logits={widths}.")
    if not all(np.isfinite(logits).all() for logits in said):
        raise ValueError("Expected finite logits of the teachers. Received: NaN or infinity; one of them has diverged.")
    # By log probabilities: those of a sure teacher are too small to be added as they are.
    logs = np.stack([logits - np.logaddexp.reduce(logits, axis=1, keepdims=True) for logits in said])
    mean = np.logaddexp.reduce(logs, axis=0) - np.log(len(logs))
    return (temperature * mean).astype("float32")
