"""A headless Chromium, for tests of what people see in their browsers."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

# Of the system; else the one that `playwright install chromium` brought.
_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_QUIET = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")


@contextmanager
def browser_page(width: int = 1280, height: int = 900) -> Iterator[tuple[Page, list[str]]]:
    """An empty page of this size, and the list that errors on its console and of its scripts are added to."""
    with sync_playwright() as playwright:
        options = [f"--{name}" for name in (*_QUIET, "no-first-run")]
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=options)
        page = browser.new_page(viewport={"width": width, "height": height})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page, errors
        finally:
            browser.close()
