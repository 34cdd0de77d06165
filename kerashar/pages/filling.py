"""Filling a page's template."""

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from kerashar.files import write_atomically


def write_page(path: Path | str, package: str, template: str, content: dict[str, Any], **filters: Any) -> None:
    """Fill a template, which extends `page.html`, and write the page; text in it is escaped.

    Args:
        path: the file to write.
        package: whose `templates` folder holds the template.
        template: its name.
        content: what its names stand for.
        **filters: besides `percent` and `points`.

    Raises:
        OSError: the file can't be written.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("kerashar.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "points": points, **filters}
    page = environment.get_template(template).render(**content)
    write_atomically(path, lambda temporary: temporary.write_text(page, encoding="utf-8"))


def percent(value: float | None, digits: int = 1) -> str:
    """A share as text."""
    return "none" if value is None else f"{100 * value:.{digits}f} %"


def points(value: float | None, digits: int = 1) -> str:
    """A difference of shares as text; nothing where there is none."""
    return "" if value is None else f"{100 * value:+.{digits}f}".replace("-", "\u2212")
