"""Pictures of explanations."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_atomically

PAIRS = 3  # of image and map in a row
FOR, AGAINST = "Oranges", "Purples_r"


def draw_explanations(
    samples: np.ndarray,
    maps: np.ndarray,
    path: Path | str,
    titles: Sequence[str] | None = None,
    channels: Sequence[str] | None = None,
) -> None:
    """Draw each image beside itself under its map, or each signal before its map, and write the picture atomically.

    Use it on what `grad_cam`, `attention_rollout`, `occlusion` and `integrated_gradients` give. Colours go from a
    map's smallest value to its largest, and where some are below 0 equally far to both sides of it: orange speaks for
    the class, purple against it. With a channel axis each channel lies before its own part of the map.

    Args:
        samples: images `(n, height, width, channels)` of 0 to 255, grey or RGB, or windows `(n, time, channels)`.
        maps: `(n, height, width)` or `(n, time)`, or like the samples; an image's are summed over its channels.
        path: the file; its suffix says which format, such as `.png`.
        titles: one for each sample. Defaults to None.
        channels: names of the windows' channels, for maps that have them. Defaults to None: their numbers.

    Raises:
        ValueError: maps, titles or names that don't belong to the samples, none, or images of other channels.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "maps.png"
        >>> draw_explanations(np.zeros((1, 8, 8, 3)), np.ones((1, 8, 8)), file, ["a black square"])
        >>> file.exists()
        True
    """
    samples, maps = np.asarray(samples), np.asarray(maps)
    if samples.ndim not in (3, 4) or maps.shape not in (samples.shape, samples.shape[:-1]) or not len(samples):
        raise ValueError(
            "Expected windows (n, time, channels) with maps (n, time), or images (n, height, width, channels) with "
            "maps (n, height, width), or maps like the samples, at least one. "
            f"Received: samples={samples.shape}, maps={maps.shape}."
        )
    if samples.ndim == 4 and samples.shape[-1] not in (1, 3):
        raise ValueError(f"Expected grey or RGB images. Received: {samples.shape[-1]} channels.")
    if titles is not None and len(titles) != len(samples):
        raise ValueError(f"Expected a title for each of {len(samples)} samples. Received: {len(titles)} titles.")
    names = [f"channel {number}" for number in range(samples.shape[-1])] if channels is None else channels
    if len(names) != samples.shape[-1]:
        raise ValueError(f"Expected a name for each of {samples.shape[-1]} channels. Received: {len(names)} names.")
    if samples.ndim == 4:
        figure = _images(samples, maps.sum(axis=-1) if maps.ndim == 4 else maps, titles)
    elif maps.ndim == 3:
        figure = _channels(samples, maps, titles, names)
    else:
        figure = _signals(samples, maps, titles)
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=100))


def _colours(values: np.ndarray, plain: str) -> dict[str, Any]:
    """How a map is coloured: with two hues where some of it is below 0."""
    from matplotlib import colormaps  # slow to import, needed only here
    from matplotlib.colors import LinearSegmentedColormap

    low, high = float(values.min()), float(values.max())
    if low >= 0:
        return {"cmap": plain, "vmin": low, "vmax": high or 1}
    both = [*colormaps[AGAINST](np.linspace(0, 1, 64)), *colormaps[FOR](np.linspace(0, 1, 64))]
    most = max(high, -low)
    return {"cmap": LinearSegmentedColormap.from_list("both", both), "vmin": -most, "vmax": most}


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
        covered.imshow(maps[number], alpha=0.55, **_colours(maps[number], "inferno"))
        if titles is not None:
            plain.set_title(titles[number], fontsize=8, loc="left")
    return figure


def _signals(windows: np.ndarray, maps: np.ndarray, titles: Sequence[str] | None) -> Any:
    def draw(axis: Any, number: int) -> None:
        axis.plot(windows[number], linewidth=0.9)
        _behind(axis, maps[number][None], axis.get_ylim())

    return _rows(windows, 1.8, draw, titles)


def _channels(windows: np.ndarray, maps: np.ndarray, titles: Sequence[str] | None, names: Sequence[str]) -> Any:
    count = windows.shape[-1]
    # Each channel has a band of its own, with one scale in all windows.
    middle = (windows.max(axis=(0, 1)) + windows.min(axis=(0, 1))) / 2
    reach = np.maximum(windows.max(axis=(0, 1)) - middle, 1e-9)
    bands = np.arange(count)[::-1]

    def draw(axis: Any, number: int) -> None:
        axis.plot(bands + 0.45 * (windows[number] - middle) / reach, color="0.15", linewidth=0.8)
        _behind(axis, maps[number].T, (-0.5, count - 0.5))
        axis.set_yticks(bands, names, fontsize=7)
        axis.tick_params(axis="y", length=0)

    return _rows(windows, 0.6 + 0.35 * count, draw, titles)


def _rows(windows: np.ndarray, height: float, draw: Callable[[Any, int], None], titles: Sequence[str] | None) -> Any:
    """A figure with a row for each window."""
    figure = _figure(7.0, height * len(windows))
    axes = figure.subplots(len(windows), squeeze=False)[:, 0]
    for number, axis in enumerate(axes):
        draw(axis, number)
        axis.set_xlim(-0.5, windows.shape[1] - 0.5)
        axis.spines[["top", "right"]].set_visible(False)
        if titles is not None:
            axis.set_title(titles[number], fontsize=9, loc="left")
    axes[-1].set_xlabel("sample")
    return figure


def _behind(axis: Any, values: np.ndarray, limits: tuple[float, float]) -> None:
    """Colours `(bands, time)` behind what is drawn, the first band on top."""
    extent = (-0.5, values.shape[1] - 0.5, *limits)
    axis.imshow(values, extent=extent, aspect="auto", zorder=0, alpha=0.7, **_colours(values, FOR))


def _figure(width: float, height: float) -> Any:
    from matplotlib.figure import Figure  # slow to import, needed only here

    return Figure(figsize=(width, height), layout="constrained")
