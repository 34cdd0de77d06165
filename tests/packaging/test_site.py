"""The documentation site: it builds without a warning, needs nothing from elsewhere, and looks as it should."""

import ast
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import browser_page
from tests.packaging.test_packaging import ALLOWED, PACKAGES

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
PLAIN_VALUES = {"CHECKS", "QUICK_CHECKS", "Check", "KINDS"}  # have no docstring of their own
BUILD = """
import os, sys
os.environ["NO_MKDOCS_2_WARNING"] = "1"
from mkdocs.commands.build import build
from mkdocs.config import load_config
build(load_config("mkdocs.yml", strict=True, site_dir=sys.argv[1]))
print(*sorted({"keras", "torch", "jax", "tensorflow", "kerashar"} & set(sys.modules)))
"""
pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-c", BUILD, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", "the build imports what it documents"
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def documented() -> list[str]:
    """The packages on the pages of the reference."""
    text = "".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))
    return re.findall(r"^::: (\S+)", text, re.MULTILINE)


def offered(package: str) -> list[str]:
    """The `__all__` of a package, read and not imported."""
    _, top, *rest = package.split(".")
    folder = ROOT.joinpath(top if top in PACKAGES else f"kerashar/{top}", *rest)
    tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    assigned = (node for node in tree.body if isinstance(node, ast.Assign))
    return next((ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "__all__"), [])


def test_nothing_comes_from_elsewhere(site: Path):
    loaded = re.compile(r"<(?:script|img|source|iframe)\b[^>]*?\bsrc\s*=\s*[\"']?(?:https?:)?//[^\s>]*", re.IGNORECASE)
    linked = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?(?:https?:)?//[^>]*", re.IGNORECASE)
    styled = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\s;]*", re.IGNORECASE)
    pages, sheets = list(site.rglob("*.html")), list(site.rglob("*.css"))
    assert len(pages) > 40
    assert sheets
    for path in (*pages, *sheets):
        text = path.read_text(encoding="utf-8")
        for pattern in (loaded, linked, styled):
            assert not pattern.findall(text), path


def test_the_reference_has_all_that_is_offered(site: Path):
    assert {package.split(".")[1] for package in documented()} == set(ALLOWED)
    for package in documented():
        page = (site / "reference" / f"{package.split('.')[1]}.html").read_text(encoding="utf-8")
        anchors = set(re.findall(r'id="(kerashar[^"]+)"', page))
        missing = {name for name in offered(package) if f"{package}.{name}" not in anchors}
        assert missing <= PLAIN_VALUES, package


def test_sections_of_docstrings_are_sections(site: Path):
    page = (site / "reference" / "layers.html").read_text(encoding="utf-8")
    for title in ("Parameters", "Call arguments", "Input shape", "Output shape", "Raises", "Example", "Reference"):
        assert page.count(f">{title}:</") > 20, title
    for path in (site / "reference").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<details" not in text, f"{path}: a section that the parser doesn't know"
        assert "<blockquote>" not in text, f"{path}: an example that is no code"


def test_pages_in_a_browser(address: str):
    with browser_page() as (page, errors):
        elsewhere: list[str] = []
        page.on("request", lambda request: elsewhere.append(request.url) if address not in request.url else None)
        page.on("requestfailed", lambda request: errors.append(request.url))
        page.on("response", lambda answer: errors.append(answer.url) if answer.status >= 400 else None)
        for name in ("index", "explanations", "reference/inference"):
            for width in (1280, 400):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{address}/{name}.html")
                page.wait_for_load_state("networkidle")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} at {width}"
                assert page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)"), name
        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_role("textbox", name="Search").click()
        page.keyboard.type("grad_cam")
        page.locator(".md-search-result__link").first.wait_for()
        assert "grad_cam" in page.locator(".md-search-result").inner_text()
        page.goto(f"{address}/index.html")
        page.get_by_title("Switch to dark").click()
        assert page.evaluate("document.body.dataset.mdColorScheme") == "slate"
    assert errors == []
    assert elsewhere == []
