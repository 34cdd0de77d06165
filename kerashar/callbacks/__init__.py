"""Keras callbacks."""

from kerashar.callbacks.checkpoint import Checkpoint
from kerashar.callbacks.validation import Validation

__all__ = ["Checkpoint", "Validation"]
