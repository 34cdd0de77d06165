"""Search spaces as plain data, one file for each model."""

from kerashar.search.domains import Space
from kerashar.search_spaces.time_series import modern_tcn

_SPACES: dict[str, dict[str, Space]] = {
    "modern_tcn": {"full": modern_tcn.SPACE, "quick": modern_tcn.QUICK},
}


def search_space(model: str, size: str = "full") -> Space:
    """The search space of a registered model.

    Args:
        model: name of the model.
        size: `"full"`, or `"quick"` for a search that takes seconds a trial.

    Raises:
        ValueError: an unknown model or size; the nearest right one is named.

    Example:
        >>> search_space("modern_tcn", "quick")["training"]["epochs"]
        9
    """
    from kerashar.names import unknown_name

    if model not in _SPACES:
        raise unknown_name("model with a search space", model, _SPACES)
    if size not in _SPACES[model]:
        raise unknown_name("size of search space", size, _SPACES[model])
    return _SPACES[model][size]


def list_search_spaces() -> list[str]:
    """Names of the models that have a search space."""
    return sorted(_SPACES)
