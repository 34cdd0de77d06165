"""A search that costs little besides the start of its trials' processes."""

from typing import Any

import numpy as np

from kerashar.data import SubjectSplit, WindowSet
from kerashar.search import LogUniform

SPACE: dict[str, dict[str, Any]] = {
    "model": {"hidden": 8, "blocks": 1, "stem_kernel": 5},
    "training": {"learning_rate": LogUniform(1e-3, 1e-2), "batch_size": 16, "epochs": 3},
}


def tiny_split(seed: int = 0) -> SubjectSplit:
    """Two classes, told apart by their frequency; 24 windows of each of 6 subjects."""
    random = np.random.default_rng(seed)
    labels = np.tile([0, 1], 12)
    phase = np.linspace(0, 2 * np.pi, 16)[None, :, None] * (1 + 2 * labels)[:, None, None]

    def side(*subjects: str) -> WindowSet:
        noise = random.normal(scale=0.3, size=(len(subjects), 24, 16, 3))
        names = np.repeat(subjects, 24)
        return WindowSet(
            windows=(np.sin(phase) + noise).reshape(-1, 16, 3),
            labels=np.tile(labels, len(subjects)),
            subjects=names,
            recordings=names,
            starts=np.tile(np.arange(24) * 16, len(subjects)),
            rate=50.0,
            channels=("x", "y", "z"),
            units=("g",) * 3,
            class_names=("sitting", "walking"),
        )

    return SubjectSplit(side("1", "2", "3", "4"), side("5"), side("6"))
