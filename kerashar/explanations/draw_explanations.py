"""Pictures of explanations."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_atomically

PAIRS = 3  # of image and map in a row
COLOURS = "inferno"


def draw_explanations(
    samples: np.ndarray, maps: np.ndarray, path: Path | str, titles: Sequence[str] | None = None
) -> None:
    """Draw each image beside itself under its map, or each signal before its map, and write the picture atomically.

    Use it on what `grad_cam` and `attention_rollout` give. Colours go from a map's smallest value to 1.

    Args:
        samples: images `(n, height, width, channels)` of 0 to 255, grey or RGB, or windows `(n, time, channels)`.
        maps: `(n, height, width)` or `(n, time)`, from 0 to 1.
        path: the file; its suffix says which format, such as `.png`.
        titles: one for each sample. Defaults to None.

    Raises:
        ValueError: maps or titles that don't belong to the samples, none, or images of other channels.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "maps.png"
        >>> draw_explanations(np.zeros((1, 8, 8, 3)), np.ones((1, 8, 8)), file, ["a black square"])
        >>> file.exists()
        True
    """
    samples, maps = np.asarray(samples), np.asarray(maps)
    if samples.ndim not in (3, 4) or maps.shape != samples.shape[:-1] or not len(samples):
        raise ValueError(
            "Expected windows (n, time, channels) with maps (n, time), or images (n, height, width, channels) with "
            f"maps (n, height, width), at least one. Received: samples={samples.shape}, maps={maps.shape}."
        )
    if samples.ndim == 4 and samples.shape[-1] not in (1, 3):
        raise ValueError(f"Expected grey or RGB images. Received: {samples.shape[-1]} channels.")
    if titles is not None and len(titles) != len(samples):
        raise ValueError(f"Expected a title for each of {len(samples)} samples. Received: {len(titles)} titles.")
    figure = _images(samples, maps, titles) if samples.ndim == 4 else _signals(samples, maps, titles)
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=100))


def _images(images: np.ndarray, maps: np.ndarray, titles: Sequence[str] | None) -> Any:
    columns = min(len(images), PAIRS)
    rows = -(-len(images) // columns)
    height, width = images.shape[1:3]
    figure = _figure(3.2 * columns, (1.6 * height / width + 0.3) * rows)
    axes = figure.subplots(rows, 2 * columns, squeeze=False).reshape(-1, 2)
    for axis in axes.flat:
        axis.set_axis_off()
    # Of a grey image repeated channels look as one does.
    shown = np.repeat(np.clip(images / 255, 0, 1), 3 // images.shape[-1], axis=-1)
    for number, (plain, covered) in enumerate(axes[: len(images)]):
        plain.imshow(shown[number])
        covered.imshow(shown[number])
        covered.imshow(maps[number], cmap=COLOURS, vmin=maps[number].min(), vmax=1, alpha=0.55)
        if titles is not None:
            plain.set_title(titles[number], fontsize=8, loc="left")
    return figure


def _signals(windows: np.ndarray, maps: np.ndarray, titles: Sequence[str] | None) -> Any:
    time = windows.shape[1]
    figure = _figure(7.0, 1.8 * len(windows))
    axes = figure.subplots(len(windows), squeeze=False)[:, 0]
    for number, axis in enumerate(axes):
        axis.plot(windows[number], linewidth=0.9)
        axis.set_xlim(-0.5, time - 0.5)
        low, high = axis.get_ylim()
        background = {"extent": (-0.5, time - 0.5, low, high), "aspect": "auto", "zorder": 0}
        axis.imshow(maps[number][None], cmap="Oranges", vmin=maps[number].min(), vmax=1, alpha=0.7, **background)
        axis.spines[["top", "right"]].set_visible(False)
        if titles is not None:
            axis.set_title(titles[number], fontsize=9, loc="left")
    axes[-1].set_xlabel("sample")
    return figure


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # slow to import, needed only here

    return Figure(figsize=(width, height), layout="constrained")
