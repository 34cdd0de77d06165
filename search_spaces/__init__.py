"""Search spaces as plain data, one file for each model."""

from collections.abc import Sequence

from kerashar.search.domains import Space
from kerashar.search_spaces import preparation
from kerashar.search_spaces.time_series import (
    causal_modern_tcn,
    cnn_lstm,
    cnn_transformer,
    deep_conv_lstm,
    hydra,
    inception_time,
    mini_rocket,
    modern_tcn,
    patch_modern_tcn,
    physics_modern_tcn,
    resnet1d,
    tcn,
)

_SPACES: dict[str, dict[str, Space]] = {
    "attention_resnet1d": {"full": resnet1d.ATTENTION_SPACE, "quick": resnet1d.ATTENTION_QUICK},
    "causal_modern_tcn": {"full": causal_modern_tcn.SPACE, "quick": causal_modern_tcn.QUICK},
    "cnn_lstm": {"full": cnn_lstm.SPACE, "quick": cnn_lstm.QUICK},
    "cnn_transformer": {"full": cnn_transformer.SPACE, "quick": cnn_transformer.QUICK},
    "deep_conv_lstm": {"full": deep_conv_lstm.SPACE, "quick": deep_conv_lstm.QUICK},
    "hydra": {"full": hydra.SPACE, "quick": hydra.QUICK},
    "inception_time": {"full": inception_time.SPACE, "quick": inception_time.QUICK},
    "mini_rocket": {"full": mini_rocket.SPACE, "quick": mini_rocket.QUICK},
    "modern_tcn": {"full": modern_tcn.SPACE, "quick": modern_tcn.QUICK},
    "patch_modern_tcn": {"full": patch_modern_tcn.SPACE, "quick": patch_modern_tcn.QUICK},
    "physics_modern_tcn": {"full": physics_modern_tcn.SPACE, "quick": physics_modern_tcn.QUICK},
    "resnet1d": {"full": resnet1d.SPACE, "quick": resnet1d.QUICK},
    "se_resnet1d": {"full": resnet1d.SQUEEZE_SPACE, "quick": resnet1d.SQUEEZE_QUICK},
    "tcn": {"full": tcn.SPACE, "quick": tcn.QUICK},
}


_ALSO = {"augmentation": preparation.AUGMENTATION, "features": preparation.FEATURES}


def search_space(model: str, size: str = "full", also: Sequence[str] = ()) -> Space:
    """The search space of a registered model.

    Args:
        model: name of the model.
        size: `"full"`, or `"quick"` for a search that takes seconds a trial.
        also: what is searched besides: `"features"`, each on or off, and `"augmentation"`.

    Raises:
        ValueError: an unknown model, size or addition; the nearest right one is named.

    Example:
        >>> search_space("modern_tcn", "quick", also=["augmentation"])["augmentation"]["signal_augment"]
        Uniform(low=0.0, high=1.0)
    """
    from kerashar.names import unknown_name

    if model not in _SPACES:
        raise unknown_name("model with a search space", model, _SPACES)
    if size not in _SPACES[model]:
        raise unknown_name("size of search space", size, _SPACES[model])
    space = {group: dict(settings) for group, settings in _SPACES[model][size].items()}
    for addition in also:
        if addition not in _ALSO:
            raise unknown_name("addition to a search space", addition, _ALSO)
        for group, settings in _ALSO[addition].items():
            space.setdefault(group, {}).update(settings)
    return space


def list_search_spaces() -> list[str]:
    """Names of the models that have a search space."""
    return sorted(_SPACES)
