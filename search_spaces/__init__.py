"""Search spaces as plain data, one file for each model."""

from collections.abc import Sequence

from kerashar.search.domains import Choice, Space
from kerashar.search_spaces import preparation
from kerashar.search_spaces.images import (
    caformer,
    convnext,
    dense_net_7x7,
    dilated_group_conv_net,
    dual_branch,
    eva02,
    inception_fsd,
    mobilenet_v3,
    mobilenet_v4,
    plain_cnn,
    small_resnet,
    vit,
)
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
    "dense_net_7x7": {"full": dense_net_7x7.SPACE, "quick": dense_net_7x7.QUICK},
    "dilated_group_conv_net": {"full": dilated_group_conv_net.SPACE, "quick": dilated_group_conv_net.QUICK},
    "dual_branch": {"full": dual_branch.SPACE, "quick": dual_branch.QUICK},
    "hydra": {"full": hydra.SPACE, "quick": hydra.QUICK},
    "inception_fsd": {"full": inception_fsd.SPACE, "quick": inception_fsd.QUICK},
    "inception_time": {"full": inception_time.SPACE, "quick": inception_time.QUICK},
    "mini_rocket": {"full": mini_rocket.SPACE, "quick": mini_rocket.QUICK},
    "modern_tcn": {"full": modern_tcn.SPACE, "quick": modern_tcn.QUICK},
    "patch_modern_tcn": {"full": patch_modern_tcn.SPACE, "quick": patch_modern_tcn.QUICK},
    "physics_modern_tcn": {"full": physics_modern_tcn.SPACE, "quick": physics_modern_tcn.QUICK},
    "plain_cnn": {"full": plain_cnn.SPACE, "quick": plain_cnn.QUICK},
    "resnet1d": {"full": resnet1d.SPACE, "quick": resnet1d.QUICK},
    "se_resnet1d": {"full": resnet1d.SQUEEZE_SPACE, "quick": resnet1d.SQUEEZE_QUICK},
    "small_resnet": {"full": small_resnet.SPACE, "quick": small_resnet.QUICK},
    "tcn": {"full": tcn.SPACE, "quick": tcn.QUICK},
}
# Families of several sizes, which share a space.
_SIZES = {
    "caformer_{}": (caformer, "s18 s36 m36 b36"),
    "convnext_{}": (convnext, "atto femto pico nano tiny small base"),
    "convnextv2_{}": (convnext, "atto femto pico nano tiny base"),
    "eva02_{}": (eva02, "tiny small base"),
    "mobilenetv3_{}": (mobilenet_v3, "small large"),
    "mobilenetv4_{}": (mobilenet_v4, "small medium large"),
    "vit_{}": (vit, "tiny small base"),
}
for _name, (_family, _sizes) in _SIZES.items():
    for _size in _sizes.split():
        _SPACES[_name.format(_size)] = {"full": _family.SPACE, "quick": _family.QUICK}


_ALSO = {"augmentation": preparation.AUGMENTATION, "features": preparation.FEATURES}


def search_space(model: str | Sequence[str], size: str = "full", also: Sequence[str] = ()) -> Space:
    """The search space of a registered model, or of the choice among several.

    Args:
        model: name of the model; of several, each one's own settings are drawn only where it was drawn, and of two that
            search a setting of the training differently the first one's way is taken.
        size: `"full"`, or `"quick"` for a search that takes seconds a trial.
        also: what is searched besides: `"features"`, each on or off, and `"augmentation"`.

    Raises:
        ValueError: an unknown model, size or addition; the nearest right one is named.

    Example:
        >>> search_space("modern_tcn", "quick", also=["augmentation"])["augmentation"]["signal_augment"]
        Uniform(low=0.0, high=1.0)
    """
    from kerashar.names import unknown_name

    models = [model] if isinstance(model, str) else list(model)
    for name in models:
        if name not in _SPACES:
            raise unknown_name("model with a search space", name, _SPACES)
        if size not in _SPACES[name]:
            raise unknown_name("size of search space", size, _SPACES[name])
    spaces = {name: _SPACES[name][size] for name in models}
    if isinstance(model, str):
        space = {group: dict(settings) for group, settings in spaces[model].items()}
    else:
        training = {key: value for each in reversed(spaces.values()) for key, value in each.get("training", {}).items()}
        own = {name: dict(each.get("model", {})) for name, each in spaces.items()}
        space = {"model": {"name": Choice(tuple(models))}, **own, "training": training}
    for addition in also:
        if addition not in _ALSO:
            raise unknown_name("addition to a search space", addition, _ALSO)
        for group, settings in _ALSO[addition].items():
            space.setdefault(group, {}).update(settings)
    return space


def list_search_spaces() -> list[str]:
    """Names of the models that have a search space."""
    return sorted(_SPACES)
