"""A search as a page, while it runs and after it. Neither Ray nor Keras is needed: the run folder says all."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.search.page.writing import write_search_page

__all__ = ["write_search_page"]

_HOME = {"write_search_page": "kerashar.search.page.writing"}
__getattr__ = lazy_names(__name__, _HOME)
