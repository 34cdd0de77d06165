"""Each optimizer against a published one, for 100 steps on one problem."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import pytorch_optimizer
import torch

from kerashar.optimizers import create_optimizer, list_optimizers
from tests.optimizers.problem import START, gradients, train, train_in_torch

RATE = 0.02
STEPS = 100
# Largest differences between weights that moved by 0.3 to 3, in float32 on both sides; 2e-6 where none stands here.
# Keras' Adam loses digits in 1 - beta^step, SOAP in its eigenvectors.
TOLERANCE = {"adam": 1e-4, "adamw": 1e-4, "soap": 3e-5}

# Keras adds Adam's epsilon to a root that isn't debiased yet: with next to none there is nothing to tell apart.
# What pytorch-optimizer has of ADOPT counts its bound from 2 where the paper and its code count from 1.
PUBLISHED: dict[str, tuple[Callable[[list[Any]], Any], dict[str, Any]]] = {
    "adam": (lambda weights: torch.optim.Adam(weights, RATE, eps=1e-12), {"epsilon": 1e-12}),
    "adamw": (
        lambda weights: torch.optim.AdamW(weights, RATE, eps=1e-12, weight_decay=0.1),
        {"epsilon": 1e-12, "weight_decay": 0.1},
    ),
    "adopt": (lambda weights: pytorch_optimizer.ADOPT(weights, RATE, clip_lambda=lambda step: (step - 1) ** 0.25), {}),
    "lion": (lambda weights: pytorch_optimizer.Lion(weights, RATE), {"beta_2": 0.99}),
    "radam": (lambda weights: torch.optim.RAdam(weights, RATE), {}),
    "sgd": (
        lambda weights: torch.optim.SGD(weights, RATE, momentum=0.9, nesterov=True),
        {"momentum": 0.9, "nesterov": True},
    ),
    "soap": (lambda weights: pytorch_optimizer.SOAP(weights, RATE, weight_decay=0.0), {}),
}


def largest_difference(ours, published):
    return max(np.abs(one - other).max() for one, other in zip(ours, published, strict=True))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_same_as_published(name):
    make, settings = PUBLISHED[name]
    published = train_in_torch(make, STEPS)
    assert 0.3 < largest_difference(published, START.values()) < 10, "the problem tests nothing"
    assert largest_difference(train(create_optimizer(name, RATE, **settings), STEPS), published) < TOLERANCE.get(
        name, 2e-6
    )


def orthogonal(matrix):
    """Newton and Schulz's iteration with Jordan's coefficients, in NumPy."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).astype("float64")
    x = x / np.linalg.norm(x)
    for _ in range(5):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return x.T if tall else x


def test_muon_is_its_formula():
    weights = [value.astype("float64") for value in START.values()]
    momenta = [np.zeros_like(weight) for weight in weights]
    mean, square = np.zeros(3), np.zeros(3)  # Adam's, for the vector
    for step in range(1, STEPS + 1):
        grads = [each.astype("float64") for each in gradients(weights, step - 1)]
        for index, shape in enumerate([(6, 4), (4, 3)]):
            momenta[index] = 0.95 * momenta[index] + grads[index]
            update = orthogonal((grads[index] + 0.95 * momenta[index]).reshape(shape)) * 0.2 * np.sqrt(max(shape))
            weights[index] = weights[index] - RATE * update.reshape(weights[index].shape)
        mean = 0.9 * mean + 0.1 * grads[2]
        square = 0.999 * square + 0.001 * grads[2] ** 2
        rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        weights[2] = weights[2] - rate * mean / (np.sqrt(square) + 1e-7)
    assert largest_difference(train(create_optimizer("muon", RATE), STEPS), weights) < 5e-6


def test_every_optimizer_is_compared():
    assert {*PUBLISHED, "muon"} == set(list_optimizers())
