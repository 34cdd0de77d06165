"""What a recipe's file says of the version that wrote it, and how files of older versions are read."""

import warnings
from typing import Any

from kerashar import __version__

FORMAT = 2
_LABELS = {"format", "kerashar", "version_name"}  # of a file; all else in it are settings
_FIRST_FORMAT = {
    *("model", "model_settings", "epochs", "batch_size", "learning_rate", "weight_decay", "warmup_share"),
    *("clip_norm", "label_smoothing", "patience", "seed"),
}
_SINCE_FIRST_FORMAT = {"features", "features_mode", "augmentation"}  # added before files said their format
_CHANGES = {
    2: "its data and split are not in it, so name the data set; weight decay now spares position embeddings too",
}


def labelled(settings: dict[str, Any], version_name: str) -> dict[str, Any]:
    """Settings for a file, with the format, the version of kerashar and the recipe's own name ahead."""
    return {"format": FORMAT, "kerashar": __version__, "version_name": version_name, **settings}


def current_settings(data: dict[str, Any]) -> dict[str, Any]:
    """The settings in a file that this version or an older one wrote; a warning says what has changed since.

    Files of format 1 say no format; neither do those written by hand, which are taken for current.

    Raises:
        ValueError: a newer version wrote it.
    """
    is_first = _FIRST_FORMAT <= set(data) <= _FIRST_FORMAT | _SINCE_FIRST_FORMAT
    written = data.get("format", 1 if is_first else FORMAT)
    if not isinstance(written, int) or isinstance(written, bool) or not 1 <= written <= FORMAT:
        raise ValueError(
            f"Expected a recipe of format 1 to {FORMAT}, which kerashar {__version__} reads. Received: "
            f"format={written!r}, written by kerashar {data.get('kerashar', 'unknown')}. Install that version or newer."
        )
    if changes := [change for number, change in _CHANGES.items() if number > written]:
        warnings.warn(
            f"The recipe is of format {written}, this is format {FORMAT}: {'; '.join(changes)}.", stacklevel=3
        )
    return {name: value for name, value in data.items() if name not in _LABELS}
