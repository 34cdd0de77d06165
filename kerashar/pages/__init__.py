"""Pages that need no other file and no network: their frame, and pictures that follow its colours."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.pages.filling import write_page
    from kerashar.pages.picture import Picture

__all__ = ["Picture", "write_page"]

_HOME = {"Picture": "kerashar.pages.picture", "write_page": "kerashar.pages.filling"}
__getattr__ = lazy_names(__name__, _HOME)
