"""Models by name, their cards, and their files. Importing this package registers every model with Keras."""

from kerashar.models.model_card import ModelCard
from kerashar.models.registry import create_model, list_models, model_card, model_settings, register_model
from kerashar.models.saving import load_model, save_model
from kerashar.models.time_series import ModernTCN

__all__ = [
    "ModelCard",
    "ModernTCN",
    "create_model",
    "list_models",
    "load_model",
    "model_card",
    "model_settings",
    "register_model",
    "save_model",
]
