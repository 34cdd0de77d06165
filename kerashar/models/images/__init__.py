"""Models for small images, one paper per file."""

from kerashar.models.images.caformer import CAFormer
from kerashar.models.images.convnext import ConvNeXt
from kerashar.models.images.dense_net_7x7 import DenseNet7x7
from kerashar.models.images.dilated_group_conv_net import DilatedGroupConvNet
from kerashar.models.images.dual_branch import DualBranch
from kerashar.models.images.eva02 import EVA02
from kerashar.models.images.inception_fsd import InceptionFSD
from kerashar.models.images.mobilenet_v3 import MobileNetV3
from kerashar.models.images.mobilenet_v4 import MobileNetV4
from kerashar.models.images.plain_cnn import PlainCNN
from kerashar.models.images.small_resnet import SmallResNet
from kerashar.models.images.vit import ViT

__all__ = [
    "EVA02",
    "CAFormer",
    "ConvNeXt",
    "DenseNet7x7",
    "DilatedGroupConvNet",
    "DualBranch",
    "InceptionFSD",
    "MobileNetV3",
    "MobileNetV4",
    "PlainCNN",
    "SmallResNet",
    "ViT",
]
