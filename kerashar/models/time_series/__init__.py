"""Models for windows of sensor signals, one paper per file."""

from kerashar.models.time_series.cnn_lstm import CNNLSTM
from kerashar.models.time_series.cnn_transformer import CNNTransformer
from kerashar.models.time_series.deep_conv_lstm import DeepConvLSTM
from kerashar.models.time_series.hydra import Hydra
from kerashar.models.time_series.inception_time import InceptionTime
from kerashar.models.time_series.mini_rocket import MiniRocket
from kerashar.models.time_series.modern_tcn import ModernTCN
from kerashar.models.time_series.patch_modern_tcn import PatchModernTCN
from kerashar.models.time_series.resnet1d import ResNet1D
from kerashar.models.time_series.tcn import TCN

__all__ = [
    "CNNLSTM",
    "TCN",
    "CNNTransformer",
    "DeepConvLSTM",
    "Hydra",
    "InceptionTime",
    "MiniRocket",
    "ModernTCN",
    "PatchModernTCN",
    "ResNet1D",
]
