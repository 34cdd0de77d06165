"""Draw the page of a search: the picture of docs/search.md.

    python -m docs.draw_search     # from the root: the search is made up, as for the tests; nothing trains

The picture is what a browser shows, so it needs Chromium: the system's, or what `playwright install chromium` brings.
"""

import argparse
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from kerashar.search import write_search_page
from tests.browser import browser_page
from tests.search.made_up_search import make_search

LEFT_OUT = ("leaderboard", "importance", "each", "failures")  # sections
COLOURS = 128  # enough for lines, and a third of the size


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the picture of docs/search.md.")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    with TemporaryDirectory() as own, browser_page(1280, 900) as (view, _):
        make_search(Path(own), 60, failing=0.06, broken_off=900.0)
        view.goto(write_search_page(own).as_uri())
        view.add_style_tag(content="".join(f"[aria-labelledby={name}] {{ display: none; }}" for name in LEFT_OUT))
        picture = Image.open(io.BytesIO(view.screenshot(full_page=True))).convert("RGB")
        picture.quantize(COLOURS).save(options.folder / "search_page.png", optimize=True)


if __name__ == "__main__":
    main()
