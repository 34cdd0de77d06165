"""Names: in order, and messages for those that are not known."""

import math
from collections.abc import Iterable
from difflib import get_close_matches


def unknown_name(kind: str, name: str, known: Iterable[str]) -> ValueError:
    """The error for an unknown `kind` (such as "model"): it names the nearest known ones, or all of them.

    Example:
        >>> print(unknown_name("model", "modern_tcm", ["modern_tcn", "tcn"]))
        Expected a known model. Received: 'modern_tcm'. Did you mean 'modern_tcn'?
    """
    known = sorted(known)
    near = get_close_matches(str(name), known, n=2)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Known: {', '.join(known) or 'none'}."
    return ValueError(f"Expected a known {kind}. Received: {name!r}. {hint}")


def in_counting_order(names: Iterable[str]) -> list[str]:
    """Each name once, sorted, with numbers first and by their value.

    Example:
        >>> in_counting_order(["10", "b", "9", "a", "9"])
        ['9', '10', 'a', 'b']
    """
    return sorted(set(names), key=lambda name: (int(name), name) if name.isdecimal() else (math.inf, name))
