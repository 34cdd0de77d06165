"""Small made-up windows that a model can learn in seconds."""

import numpy as np

from kerashar.data import SubjectSplit, WindowSet, split_by_subject

CLASSES = ("still", "slow", "fast")


def make_windows(subjects: int = 5, windows_each: int = 24, time: int = 32, seed: int = 0) -> WindowSet:
    """Sines of a frequency for each class, with noise, `(n, time, 2)` at 32 Hz."""
    generator = np.random.default_rng(seed)
    count = subjects * windows_each
    labels = np.arange(count) % len(CLASSES)
    seconds = np.arange(time) / 32
    phase = generator.uniform(0, 6.28, (count, 1))
    wave = np.sin(6.28 * labels[:, None] * 3 * seconds + phase) * (labels[:, None] > 0)
    windows = np.stack([wave, -wave], axis=-1) + generator.normal(0, 0.3, (count, time, 2))
    owner = np.array([f"s{number}" for number in range(subjects)]).repeat(windows_each)
    return WindowSet(
        windows=windows.astype("float32"),
        labels=labels,
        subjects=owner,
        recordings=owner,
        starts=np.tile(np.arange(windows_each) * time, subjects),
        rate=32.0,
        channels=("x", "y"),
        units=("g", "g"),
        class_names=CLASSES,
    )


def make_split(**settings) -> SubjectSplit:
    return split_by_subject(make_windows(**settings), test_subjects=["s0"], validation_subjects=["s1"])
