"""Keras callbacks."""

from kerashar.callbacks.checkpoint import Checkpoint
from kerashar.callbacks.progress_bar import ProgressBar
from kerashar.callbacks.validation import Validation

__all__ = ["Checkpoint", "ProgressBar", "Validation"]
