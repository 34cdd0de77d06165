"""Packages whose modules load at the first use of a name."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, home: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package that imports a module when one of its names is first asked for.

    Args:
        package: the package's `__name__`.
        home: for each name the full name of the module that holds it.

    Example:
        >>> lazy_names("numbers", {"pi": "math"})("pi")
        3.141592653589793
    """

    def load(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home[name]), name)

    return load
