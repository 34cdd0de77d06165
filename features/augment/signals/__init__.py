"""Augmentations of signals."""
