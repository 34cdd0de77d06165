"""Layers of images `(batch, height, width, channels)`, one per file."""

from kerashar.layers.images.image_normalization import ImageNormalization

__all__ = ["ImageNormalization"]
