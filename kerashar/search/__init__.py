"""Search of settings with Ray Tune. Importing this package does not import Ray."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.search.domains import Choice, IntUniform, LogUniform, Uniform

if TYPE_CHECKING:
    from kerashar.search.engine import Resources
    from kerashar.search.page import write_search_page
    from kerashar.search.result import SearchResult
    from kerashar.search.run import resume_search, run_search
    from kerashar.search.tuner import ray_space, trainable

__all__ = [
    "Choice",
    "IntUniform",
    "LogUniform",
    "Resources",
    "SearchResult",
    "Uniform",
    "ray_space",
    "resume_search",
    "run_search",
    "trainable",
    "write_search_page",
]

_HOME = {
    "Resources": "engine",
    "SearchResult": "result",
    "ray_space": "tuner",
    "resume_search": "run",
    "run_search": "run",
    "trainable": "tuner",
    "write_search_page": "page",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kerashar.search' has no attribute {name!r}")
    return getattr(import_module(f"kerashar.search.{_HOME[name]}"), name)
