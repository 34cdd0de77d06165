"""Layers of images `(batch, height, width, channels)`, one per file."""

from kerashar.layers.images.conv2d import Conv2D
from kerashar.layers.images.conv_next_block import ConvNeXtBlock
from kerashar.layers.images.convolution_block2d import ConvolutionBlock2D
from kerashar.layers.images.dense_block2d import DenseBlock2D
from kerashar.layers.images.depthwise_conv2d import DepthwiseConv2D
from kerashar.layers.images.dilated_group_block2d import DilatedGroupBlock2D
from kerashar.layers.images.eva02_block import EVA02Block
from kerashar.layers.images.feed_forward import FeedForward
from kerashar.layers.images.global_response_normalization import GlobalResponseNormalization
from kerashar.layers.images.image_attention import ImageAttention
from kerashar.layers.images.image_normalization import ImageNormalization
from kerashar.layers.images.inception_block2d import InceptionBlock2D
from kerashar.layers.images.inverted_bottleneck import InvertedBottleneck
from kerashar.layers.images.layer_scale import LayerScale
from kerashar.layers.images.max_pooling2d import MaxPooling2D
from kerashar.layers.images.meta_former_block import MetaFormerBlock
from kerashar.layers.images.normalized_conv2d import NormalizedConv2D
from kerashar.layers.images.padded_conv2d import PaddedConv2D
from kerashar.layers.images.patch_conv2d import PatchConv2D
from kerashar.layers.images.patch_positions import PatchPositions
from kerashar.layers.images.residual_block2d import ResidualBlock2D
from kerashar.layers.images.rotary_embedding2d import RotaryEmbedding2D
from kerashar.layers.images.space_to_depth import SpaceToDepth
from kerashar.layers.images.space_to_depth_conv2d import SpaceToDepthConv2D
from kerashar.layers.images.spatial_pyramid_pooling import SpatialPyramidPooling
from kerashar.layers.images.star_relu import StarReLU
from kerashar.layers.images.swi_glu import SwiGLU
from kerashar.layers.images.token_pooling import TokenPooling
from kerashar.layers.images.vision_transformer_block import VisionTransformerBlock

__all__ = [
    "Conv2D",
    "ConvNeXtBlock",
    "ConvolutionBlock2D",
    "DenseBlock2D",
    "DepthwiseConv2D",
    "DilatedGroupBlock2D",
    "EVA02Block",
    "FeedForward",
    "GlobalResponseNormalization",
    "ImageAttention",
    "ImageNormalization",
    "InceptionBlock2D",
    "InvertedBottleneck",
    "LayerScale",
    "MaxPooling2D",
    "MetaFormerBlock",
    "NormalizedConv2D",
    "PaddedConv2D",
    "PatchConv2D",
    "PatchPositions",
    "ResidualBlock2D",
    "RotaryEmbedding2D",
    "SpaceToDepth",
    "SpaceToDepthConv2D",
    "SpatialPyramidPooling",
    "StarReLU",
    "SwiGLU",
    "TokenPooling",
    "VisionTransformerBlock",
]
