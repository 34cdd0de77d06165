"""A picture that is ready for a page."""

import html
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#012345"  # what figures draw text and lines in; becomes the page's text colour, light or dark
STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 9.0,
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "font.family": "DejaVu Sans",
}


@dataclass(frozen=True)
class Picture:
    """A picture, as markup that needs no other file.

    Use `from_figure` to make it; its lines and letters follow the page's colours.

    Args:
        title: what it shows.
        alt: the same in words, with the main numbers, for those who can't see it.
        markup: an `<svg>` element.
        data: what is drawn, where no table of the page has it.

    Example:
        >>> from matplotlib.figure import Figure
        >>> Picture.from_figure("Nothing", "An empty figure.", Figure()).markup[:45]
        '<svg role="img" aria-label="An empty figure."'
    """

    title: str
    alt: str
    markup: str
    data: Any = None

    def __html__(self) -> str:
        """What a template puts into a page."""
        return self.markup

    @classmethod
    def from_figure(cls, title: str, alt: str, figure: "Figure", data: Any = None) -> "Picture":
        """A figure as SVG."""
        import matplotlib

        buffer = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        with matplotlib.rc_context({**STYLE, "svg.hashsalt": title}):  # the same figure, the same file
            figure.savefig(buffer, format="svg", metadata=nothing)
        text = buffer.getvalue()
        text = text[text.index("<svg") :]
        opening, rest = text.split(">", 1)
        view = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', opening)
        if view is None:
            raise ValueError(f"Expected a viewBox in Matplotlib's SVG. Received: {opening!r}.")
        # Names inside an SVG belong to the whole page once it is part of it.
        prefix = re.sub(r"\W+", "-", title.lower()) + "-"
        rest = re.sub(r'(\bid="|url\(#|href="#)', lambda found: found[0] + prefix, rest)
        rest = rest.replace(INK, "currentColor").replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
        markup = (
            f'<svg role="img" aria-label="{html.escape(alt)}" viewBox="{view[0][9:-1]}" '
            'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'style="width:100%;max-width:{float(view[1]) * 4 / 3:.0f}px">{rest.strip()}'
        )
        return cls(title, alt, markup, data)
