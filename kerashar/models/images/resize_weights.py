"""Weights of one image size or patch size, for another."""

from collections.abc import Sequence

import numpy as np


def resize_positions(positions: np.ndarray, grid: Sequence[int]) -> np.ndarray:
    """Position embeddings `(1, 1 + n * n, width)` of a square grid and a class token, for another grid.

    Bicubic with antialiasing, as timm's `resample_abs_pos_embed`.
    """
    token, places = positions[:, :1], positions[:, 1:]
    side = round(places.shape[1] ** 0.5)
    image = places.reshape(side, side, -1)
    rows, columns = (_bicubic(side, new) for new in grid)
    resized = np.einsum("ri,cj,ijk->rck", rows, columns, image)
    return np.concatenate([token, resized.reshape(1, -1, positions.shape[-1])], axis=1).astype("float32")


def resize_patches(kernel: np.ndarray, size: int) -> np.ndarray:
    """A kernel `(rows, columns, channels, filters)` of patches, for patches of another size.

    Patches that are resized with the image then give about the same; as timm's `resample_patch_embed`.

    Reference:
        Beyer et al., "FlexiViT: One Model for All Patch Sizes", 2023.
    """
    rows, columns = (np.linalg.pinv(_bicubic(old, size)) for old in kernel.shape[:2])
    return np.einsum("ir,jc,ijkf->rckf", rows, columns, kernel).astype("float32")


def _bicubic(old: int, new: int) -> np.ndarray:
    """Matrix `(new, old)` that resizes a line by Keys' cubic of -0.5, widened where the line shrinks."""
    scale = old / new
    stretch = max(scale, 1)
    centres = (np.arange(new)[:, None] + 0.5) * scale
    distance = np.abs(np.arange(old) + 0.5 - centres) / stretch
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    return weights / weights.sum(axis=1, keepdims=True)
