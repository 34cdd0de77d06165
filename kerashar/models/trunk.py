"""A registered model inside another."""

from typing import Any

from kerashar.models.registry import create_model
from kerashar.models.ridge_model import RidgeModel


def trunk(name: str, model: str, settings: dict[str, Any] | None, inputs: Any) -> Any:
    """The pooled features `(batch, features)` that a registered model's backbone gives of `inputs`.

    Args:
        name: of the backbone as a layer; two of one kind may stand side by side.
        model: name of the registered model.
        settings: arguments of its constructor.
        inputs: symbolic tensor `(batch, time, channels)` or `(batch, height, width, channels)`.

    Raises:
        ValueError: an unknown model or setting, or a model fitted in closed form.
    """
    backbone = create_model(model, inputs.shape[1:], 0, **settings or {})
    if isinstance(backbone, RidgeModel):
        raise ValueError(f"Expected a model that is trained by gradients. Received: model={model!r}.")
    backbone.name = name
    return backbone(inputs)
