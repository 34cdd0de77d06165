"""What the checks look at."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import TYPE_CHECKING

import keras
import numpy as np

from kerashar.losses import CrossEntropy, Distillation
from kerashar.losses.classification_loss import ClassificationLoss
from kerashar.models import FeatureModel
from kerashar.models.ridge_model import RidgeModel
from kerashar.optimizers import create_optimizer
from kerashar.training.checks.check_result import CheckResult
from kerashar.training.learning_rate_curve import LearningRateCurve
from kerashar.training.learning_rate_range import learning_rate_test
from kerashar.training.recipe import Recipe
from kerashar.training.recipe_parts import recipe_loss
from kerashar.training.rehearsal import Rehearsal

if TYPE_CHECKING:
    from kerashar.training.sides import TrainingSides

BATCH = 32  # windows at most in one step: enough to learn from, and quick
LEARNING_RATE = 2e-3  # of Adam, at which every registered model learns


class CheckedRun:
    """A model that is about to be trained, its data and its recipe.

    Args:
        model: with its normalisation fitted.
        split: windows of training and validation subjects, or images.
        recipe: of the run.
    """

    def __init__(self, model: keras.Model, split: "TrainingSides", recipe: Recipe) -> None:
        self.model = model
        self.split = split
        self.recipe = recipe
        self.train = split.train
        self.batch_size = min(recipe.batch_size, BATCH, len(self.train))

    @property
    def by_gradients(self) -> bool:
        """Whether the model is trained by gradients, and not in closed form."""
        return not isinstance(self.model, RidgeModel)

    @property
    def trunk(self) -> keras.Model:
        """The registered model, where the model computes features ahead of it."""
        return self.model.get_layer("trunk") if isinstance(self.model, FeatureModel) else self.model

    @cached_property
    def batch(self) -> tuple[np.ndarray, np.ndarray]:
        """Windows of as many classes as there are, and their targets."""
        order = np.random.default_rng(self.recipe.seed).permutation(len(self.train))
        labels = self.train.labels[order]
        turn = np.zeros(len(order))  # the first window of each class, then the second ones, and so on
        for label in range(self.train.num_classes):
            turn[labels == label] = np.arange((labels == label).sum())
        return self.rows(order[np.argsort(turn, kind="stable")[: self.batch_size]])

    @cached_property
    def rehearsal(self) -> Rehearsal:
        """A copy of the model to train, by Adam and plain cross-entropy."""
        return Rehearsal(self.model, keras.optimizers.Adam(LEARNING_RATE, global_clipnorm=1.0), CrossEntropy())

    @cached_property
    def learning_rate_curve(self) -> LearningRateCurve:
        """The range test with the recipe's optimizer, loss (else cross-entropy) and batch size."""
        recipe = self.recipe
        optimizer = create_optimizer(
            recipe.optimizer,
            recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            clip_norm=recipe.clip_norm,
            **recipe.optimizer_settings,
        )
        windows, targets = self.rows(slice(None))
        loss = self.loss() or CrossEntropy()
        return learning_rate_test(
            self.model, windows, targets, optimizer, loss, batch_size=recipe.batch_size, seed=recipe.seed
        )

    def rows(self, rows: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Training samples and their one-hot targets."""
        samples = self.train.samples[rows].astype("float32", copy=False)
        return samples, np.eye(self.train.num_classes, dtype="float32")[self.train.labels[rows]]

    def loss(self) -> keras.losses.Loss | None:
        """The loss of the recipe, or None where it needs more than labels, such as a teacher."""
        loss = recipe_loss(self.recipe, self.train.labels, self.train.num_classes)
        return loss if isinstance(loss, ClassificationLoss) and not isinstance(loss, Distillation) else None


Check = Callable[[CheckedRun], CheckResult]


def needs_gradients(check: Check) -> Check:
    """Decorator of a check that doesn't apply to models fitted in closed form."""

    @wraps(check)
    def checked(run: CheckedRun) -> CheckResult:
        if not run.by_gradients:
            return CheckResult(check.__name__, None, "The model is fitted in closed form, not by gradients.")
        return check(run)

    return checked
