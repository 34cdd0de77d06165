"""Messages for names that are not known."""

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
