"""Search of settings with Ray Tune. Importing this package does not import Ray."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.search.domains import Choice, IntUniform, LogUniform, Uniform

if TYPE_CHECKING:
    from kerashar.search.engine import Resources
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
]

_NEED_RAY = {
    "Resources": "engine",
    "SearchResult": "result",
    "ray_space": "tuner",
    "resume_search": "run",
    "run_search": "run",
    "trainable": "tuner",
}


def __getattr__(name: str) -> Any:
    if name not in _NEED_RAY:
        raise AttributeError(f"module 'kerashar.search' has no attribute {name!r}")
    return getattr(import_module(f"kerashar.search.{_NEED_RAY[name]}"), name)
