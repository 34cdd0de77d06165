"""Libraries that only some logs need."""

from importlib import import_module
from typing import Any


def tracking_library(name: str) -> Any:
    """Import a library of the extra `tracking`.

    Raises:
        ImportError: it is missing; the message says how to install it.

    Example:
        >>> tracking_library("no_such_library")
        Traceback (most recent call last):
        ImportError: Expected no_such_library to be installed for this log. Run `pip install kerashar[tracking]`.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(
            f"Expected {name} to be installed for this log. Run `pip install kerashar[tracking]`."
        ) from error
