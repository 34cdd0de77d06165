"""Where built data sets and downloads are kept."""

import os
from pathlib import Path


def cache_folder(cache: Path | str | None = None) -> Path:
    """The folder for built data sets: `cache`, else the variable KERASHAR_CACHE, else the user's own cache.

    Example:
        >>> cache_folder("/data/har").name
        'har'
    """
    chosen = cache or os.environ.get("KERASHAR_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("kerashar")
