"""Draw the page of a study: the picture of docs/studies.md.

    python -m docs.draw_study      # from the root: the study is made up, as for the tests; nothing trains

The picture is what a browser shows, so it needs Chromium: the system's, or what `playwright install chromium` brings.
"""

import argparse
import io
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from kerashar.studies.page import write_study_page
from tests.browser import browser_page
from tests.studies.made_up_study import make_study

LEFT_OUT = (
    '[aria-label^="Each stage in order"]',
    ".stage:nth-of-type(n+2)",
    "[aria-labelledby=models]",
    "[aria-labelledby=rule]",
    "[aria-labelledby=runs]",
)
COLOURS = 128  # enough for lines, and a third of the size


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the picture of docs/studies.md.")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "pictures")
    options = parser.parse_args()
    with TemporaryDirectory() as own, browser_page(1280, 900) as (view, _):
        make_study(Path(own), failing=["deep_conv_lstm"])
        write_study_page(own)
        view.goto((Path(own) / "study.html").as_uri())
        view.add_style_tag(content=f"{', '.join(LEFT_OUT)} {{ display: none; }}")
        picture = Image.open(io.BytesIO(view.screenshot(full_page=True))).convert("RGB")
        picture.quantize(COLOURS).save(options.folder / "study_page.png", optimize=True)


if __name__ == "__main__":
    main()
