"""The pictures of an image set's report, one function each."""

from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np

from kerashar.data.images.image_set import ImageSet
from kerashar.data.quality.pictures import COLOURS, DASHES, WIDTH, new_figure, words
from kerashar.data.quality.problem import counted
from kerashar.data.quality.table import rounded
from kerashar.pages.picture import STYLE, Picture

_BINS = 51  # of five grey levels each
_ACROSS = 10  # images side by side
_MOST_ROWS = 24  # of a montage


@matplotlib.rc_context(STYLE)
def light_histograms(brightness: np.ndarray, contrast: np.ndarray, sides: Mapping[str, np.ndarray]) -> Picture:
    """How bright images are and how much contrast they have, on each side."""
    figure = new_figure(2.4)
    data = []
    panels = figure.subplots(1, 2, sharey=True)
    for panel, name, values in zip(panels, ("brightness", "contrast"), (brightness, contrast), strict=True):
        edges = np.linspace(0, 255 if name == "brightness" else 128, _BINS + 1)
        for side, mask in sides.items():
            share = 100 * np.histogram(values[mask], edges)[0] / max(1, mask.sum())
            panel.stairs(share, edges, color=COLOURS[side], linestyle=DASHES[side], label=side)
            data.append({"of": name, "side": side, "to": edges[-1], "shares (%)": [rounded(one) for one in share]})
        panel.set_xlabel(f"{name} (grey levels)")
    panels[0].set_ylabel("share of the images (%)")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=len(sides))
    alt = (
        f"Histograms of the mean grey level (median {np.median(brightness):.0f} of 255) and of its deviation inside "
        f"images (median {np.median(contrast):.0f}), for {', '.join(sides)}."
    )
    return Picture.from_figure("Brightness and contrast", alt, figure, data)


def class_samples(images: ImageSet, random: np.random.Generator) -> Picture:
    """Some images of each class, drawn by chance; without classes, some of all."""
    labels = np.zeros(len(images), dtype=np.int64) if images.labels is None else images.labels
    names = images.class_names or ("all",)
    rows = []
    for label in range(len(names))[:_MOST_ROWS]:
        having = np.flatnonzero(labels == label)
        rows.append(np.sort(random.choice(having, min(_ACROSS, len(having)), replace=False)))
    shown = f"the first {_MOST_ROWS} of {len(names)} classes" if len(names) > _MOST_ROWS else "each class"
    title, of = ("Samples of each class", f" of {shown}") if images.class_names else ("Samples", "")
    alt = f"Up to {_ACROSS} images{of}, drawn by chance."
    return _montage(title, alt, images, [words(name) for name in names[:_MOST_ROWS]], rows)


def suspicious_images(images: ImageSet, empty: np.ndarray, pairs: np.ndarray) -> Picture | None:
    """Images that are empty or there twice, the latter beside each other; None if there are none."""
    rows = [empty[start : start + _ACROSS] for start in range(0, len(empty), _ACROSS)]
    titles = ["empty"] * len(rows)
    # A copy stands beside its original, so a row takes five pairs.
    for start in range(0, len(pairs), _ACROSS // 2):
        rows.append(pairs[start : start + _ACROSS // 2].ravel())
        titles.append("pairs")
    if not rows:
        return None
    counts = {"without contrast": (len(empty), "image"), "of copies": (len(pairs), "pair")}
    alt = f"{' and '.join(f'{counted(*count)} {what}' for what, count in counts.items() if count[0])}."
    if len(rows) > _MOST_ROWS:
        alt += f" The first {_MOST_ROWS} rows are shown."
    return _montage("Suspicious images", alt, images, titles[:_MOST_ROWS], rows[:_MOST_ROWS])


@matplotlib.rc_context(STYLE)
def _montage(title: str, alt: str, images: ImageSet, names: Sequence[str], rows: Sequence[np.ndarray]) -> Picture:
    height, width, _ = images.image_shape
    board = np.full((len(rows) * (height + 1), _ACROSS * (width + 1), 4), 0, dtype=np.uint8)  # gaps are transparent
    for row, chosen in enumerate(rows):
        for column, number in enumerate(chosen):
            top, left = row * (height + 1), column * (width + 1)
            board[top : top + height, left : left + width, :3] = images.images[number]
            board[top : top + height, left : left + width, 3] = 255
    left = 0.2 + 0.07 * max(map(len, names))  # inches that the names take
    figure = new_figure(0.2 + (WIDTH - left) / _ACROSS * len(rows) * height / width)
    axes = figure.subplots()
    axes.imshow(board, interpolation="none")
    axes.set_yticks([(row + 0.5) * (height + 1) for row in range(len(rows))], names)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return Picture.from_figure(title, alt, figure)
