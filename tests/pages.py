"""What tests look at of a page: its text and tables, and what a browser shows."""

import html.parser
import io
from pathlib import Path

from PIL import Image

from tests.browser import browser_page

# Where the pictures of a page are.
BOXES = """[...document.querySelectorAll("figure svg")].map(each => {
    const box = each.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
})"""


class Page(html.parser.HTMLParser):
    """What of a page the tests look at; void elements and unclosed ones are counted, too."""

    VOID = ("meta", "img", "br", "link", "input", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self._cell = False
        self.feed(text)
        self.close()
        assert self._open == [], f"not closed: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self._cell = True

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        if tag in ("td", "th"):
            self._cell = False

    def handle_data(self, data):
        self.text.append(data)
        if self._cell:
            self.tables[-1][-1][-1] += data

    @property
    def said(self) -> str:
        """The text, with single spaces."""
        return " ".join(" ".join(self.text).split())

    @property
    def alts(self) -> list[str]:
        """What is said of each picture."""
        return [str(of["aria-label"]) for tag, of in self.tags if tag == "svg"]

    def table(self, *head: str) -> list[list[str]]:
        """The body of the first table whose head begins so."""
        return next(rows for rows in self.tables if tuple(rows[0][: len(head)]) == head)[1:]


def expect_readable(pages: dict[Path, int]) -> None:
    """Look at pages with so many pictures each: none loads anything, errs, overflows, or shows an empty picture.

    Narrow and dark, then wide and light.
    """
    with browser_page(400, 900) as (page, errors):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path, count in pages.items():
            page.set_viewport_size({"width": 400, "height": 900})
            page.emulate_media(color_scheme="dark")
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= 400
            dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
            page.set_viewport_size({"width": 1280, "height": 900})
            page.emulate_media(color_scheme="light")
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
            boxes = page.evaluate(BOXES)
            assert len(boxes) == count, path
            whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
            for box in boxes:
                picture = whole.crop(tuple(map(int, box)))
                assert min(picture.size) > 60
                assert len(picture.getcolors(2**20) or []) > 10
        assert [url for url in asked if not url.startswith("data:")] == [path.as_uri() for path in pages]
        assert not errors
