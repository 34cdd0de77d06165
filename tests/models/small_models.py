"""Models of each design at a size that is quick to build and train."""

from typing import Any

import keras

from kerashar.models import create_model, list_models, model_card

# Settings under which models that take long at their defaults are checked; their size is checked at the defaults.
SMALL: dict[str, dict[str, Any]] = {
    "dense_net_7x7": {"growth": 4, "blocks": (2, 3)},
    "dilated_group_conv_net": {"blocks": 1},
    "inception_fsd": {"widths": (16, 32), "blocks": 1},
    "small_resnet": {"widths": (16, 32, 64)},
}
CHECKED = set(list_models())
STAGES = {"depths": (1, 1), "widths": (16, 32)}
_PATCHES = {"width": 16, "depth": 2, "heads": 2}
for _pattern, _settings in {
    "caformer_*": STAGES,
    "convnext_*": STAGES,
    "convnextv2_*": STAGES,
    "eva02_*": _PATCHES,
    "vit_*": _PATCHES,
    "mobilenetv3_*": {"width": 0.25},
    "mobilenetv4_*": {"width": 0.25},
}.items():
    _names = list_models(_pattern)
    SMALL |= dict.fromkeys(_names, _settings)
    # The sizes of a family are one model under such settings, but for what MobileNet's consist of.
    CHECKED -= set(_names) if _pattern.startswith("mobilenet") else set(_names[1:])
CHECKED |= {"mobilenetv3_small", "mobilenetv4_small"}


def small_model(name: str, **settings: Any) -> keras.Model:
    """A model with its card's input and six classes."""
    return create_model(name, model_card(name).input_shape, 6, **{**SMALL.get(name, {}), **settings})
