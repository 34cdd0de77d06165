"""Functions of modules and classes that others stand in for, for a while."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def replacing(places: Iterable[tuple[Any, str, Any]]) -> Iterator[None]:
    """Put functions in the place of others, and those back at the end.

    Args:
        places: modules or classes, names there, and what each name means meanwhile.
    """
    places = list(places)
    originals = [getattr(owner, name) for owner, name, _ in places]
    try:
        for owner, name, function in places:
            setattr(owner, name, function)
        yield
    finally:
        for (owner, name, _), original in zip(places, originals, strict=True):
            setattr(owner, name, original)
