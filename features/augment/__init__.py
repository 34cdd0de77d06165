"""Augmentations: layers that change samples at random during training."""
