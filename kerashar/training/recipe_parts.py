"""The optimizer and the loss that a recipe names."""

import keras
import numpy as np

from kerashar.data.sampling import balanced_class_weights
from kerashar.losses import create_loss
from kerashar.optimizers import create_optimizer, exclude_from_decay, with_layer_decay
from kerashar.schedules import create_schedule
from kerashar.training.recipe import Recipe


def recipe_optimizer(recipe: Recipe, model: keras.Model, steps: int) -> keras.optimizers.Optimizer:
    """The optimizer with its schedule over the steps of a run."""
    warmup_steps = min(round(recipe.warmup_share * steps), steps - 1)
    schedule = create_schedule(
        recipe.schedule, recipe.learning_rate, steps, warmup_steps=warmup_steps, **recipe.course_settings
    )
    optimizer = create_optimizer(
        recipe.optimizer,
        schedule,
        weight_decay=recipe.weight_decay,
        clip_norm=recipe.clip_norm,
        ema_momentum=recipe.ema_momentum,
        accumulate=recipe.accumulate,
        **recipe.optimizer_settings,
    )
    exclude_from_decay(optimizer, model)
    return with_layer_decay(optimizer, model, recipe.layer_decay)


def recipe_loss(recipe: Recipe, labels: np.ndarray, num_classes: int) -> keras.losses.Loss:
    """The loss; where the recipe balances the classes, by the training labels."""
    balanced = recipe.class_weights == "balanced"
    return create_loss(
        recipe.loss,
        class_weights=balanced_class_weights(labels, num_classes) if balanced else None,
        label_smoothing=recipe.label_smoothing,
        **recipe.loss_settings,
    )
