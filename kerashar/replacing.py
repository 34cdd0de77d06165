"""Functions of modules and classes that others stand in for, for a while."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

_one_at_a_time = threading.RLock()


@contextmanager
def replacing(places: Iterable[tuple[Any, str, Any]]) -> Iterator[None]:
    """Put functions in the place of others, and those back at the end.

    Other threads that want to replace any wait meanwhile: each would take the other's for the original.

    Args:
        places: modules or classes, names there, and what each name means meanwhile.
    """
    places = list(places)
    with _one_at_a_time:
        originals = [getattr(owner, name) for owner, name, _ in places]
        try:
            for owner, name, function in places:
                setattr(owner, name, function)
            yield
        finally:
            for (owner, name, _), original in zip(places, originals, strict=True):
                setattr(owner, name, original)
