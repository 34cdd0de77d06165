"""What the pictures of pages have in common: style, colours and size."""

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from kerashar.pages.picture import STYLE

# Names are a user's text, in which a dollar sign is one.
PLAIN_TEXT: dict[Any, Any] = {**STYLE, "text.parse_math": False}
# Blue, orange and purple of medium lightness: apart for colour-blind readers, on white and on black.
BLUE, ORANGE, PURPLE = "#2e86c9", "#e0730f", "#a86fc0"
WIDTH = 4.6  # inches: a phone shows it without shrinking the text much
WIDE = 9.6  # inches: as wide as a page; a phone scrolls it


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """A figure of this size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
