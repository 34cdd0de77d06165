"""Models by name, their cards, and their files. Importing this package registers every model with Keras."""

from kerashar.models.attention_weights import attention_weights
from kerashar.models.ensemble import Ensemble
from kerashar.models.feature_model import FeatureModel
from kerashar.models.headed_model import HeadedModel
from kerashar.models.images import (
    EVA02,
    CAFormer,
    ConvNeXt,
    DenseNet7x7,
    DilatedGroupConvNet,
    DualBranch,
    InceptionFSD,
    MobileNetV3,
    MobileNetV4,
    PlainCNN,
    SmallResNet,
    ViT,
)
from kerashar.models.images.timm_weights import load_timm_weights
from kerashar.models.input_card import InputCard
from kerashar.models.model_card import ModelCard
from kerashar.models.receptive_field import ReceptiveField, receptive_field, suggest_depth
from kerashar.models.registry import create_model, list_models, model_card, model_settings, register_model
from kerashar.models.saving import load_model, save_model
from kerashar.models.time_series import (
    CNNLSTM,
    TCN,
    CNNTransformer,
    DeepConvLSTM,
    Hydra,
    InceptionTime,
    MiniRocket,
    ModernTCN,
    PatchModernTCN,
    ResNet1D,
)

__all__ = [
    "CNNLSTM",
    "EVA02",
    "TCN",
    "CAFormer",
    "CNNTransformer",
    "ConvNeXt",
    "DeepConvLSTM",
    "DenseNet7x7",
    "DilatedGroupConvNet",
    "DualBranch",
    "Ensemble",
    "FeatureModel",
    "HeadedModel",
    "Hydra",
    "InceptionFSD",
    "InceptionTime",
    "InputCard",
    "MiniRocket",
    "MobileNetV3",
    "MobileNetV4",
    "ModelCard",
    "ModernTCN",
    "PatchModernTCN",
    "PlainCNN",
    "ReceptiveField",
    "ResNet1D",
    "SmallResNet",
    "ViT",
    "attention_weights",
    "create_model",
    "list_models",
    "load_model",
    "load_timm_weights",
    "model_card",
    "model_settings",
    "receptive_field",
    "register_model",
    "save_model",
    "suggest_depth",
]
