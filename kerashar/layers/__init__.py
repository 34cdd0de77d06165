"""Layers, one per file."""

from kerashar.layers.activation import Activation
from kerashar.layers.batch_normalization import BatchNormalization
from kerashar.layers.classification_head import ClassificationHead
from kerashar.layers.compressed_copy import CompressedCopy
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.convolution_block1d import ConvolutionBlock1D
from kerashar.layers.dense import Dense
from kerashar.layers.depthwise_conv1d import DepthwiseConv1D
from kerashar.layers.depthwise_separable_conv1d import DepthwiseSeparableConv1D
from kerashar.layers.dropout import Dropout
from kerashar.layers.edge_padding1d import EdgePadding1D
from kerashar.layers.exact_normalization import ExactNormalization
from kerashar.layers.feature_standardization import FeatureStandardization
from kerashar.layers.global_pooling1d import GlobalPooling1D
from kerashar.layers.grouped_feed_forward import GroupedFeedForward
from kerashar.layers.hydra_features import HydraFeatures
from kerashar.layers.inception_module1d import InceptionModule1D
from kerashar.layers.layer_normalization import LayerNormalization
from kerashar.layers.mini_rocket_features import MiniRocketFeatures
from kerashar.layers.modern_tcn_block import ModernTCNBlock
from kerashar.layers.multi_scale_block import MultiScaleBlock
from kerashar.layers.multi_scale_conv1d import MultiScaleConv1D
from kerashar.layers.multi_scale_depthwise_conv1d import MultiScaleDepthwiseConv1D
from kerashar.layers.ordinal_head import OrdinalHead
from kerashar.layers.patch_conv1d import PatchConv1D
from kerashar.layers.physics_loss import PhysicsLoss
from kerashar.layers.quick_layer import QuickLayer
from kerashar.layers.regression_head import RegressionHead
from kerashar.layers.reparameterized_depthwise_conv1d import ReparameterizedDepthwiseConv1D
from kerashar.layers.residual_block1d import ResidualBlock1D
from kerashar.layers.reversible_normalization import ReversibleNormalization
from kerashar.layers.self_attention import SelfAttention
from kerashar.layers.shared_conv1d import SharedConv1D
from kerashar.layers.signal_decoder import SignalDecoder
from kerashar.layers.signal_normalization import SignalNormalization
from kerashar.layers.sinusoidal_positions import SinusoidalPositions
from kerashar.layers.sparse_scaling import SparseScaling
from kerashar.layers.squeeze_excite import SqueezeExcite
from kerashar.layers.stochastic_depth import StochasticDepth
from kerashar.layers.temporal_block import TemporalBlock
from kerashar.layers.temporal_convolution import TemporalConvolution, combined_span
from kerashar.layers.transformer_block import TransformerBlock
from kerashar.layers.weight_normalized_conv1d import WeightNormalizedConv1D
from kerashar.layers.wide_dense import WideDense

__all__ = [
    "Activation",
    "BatchNormalization",
    "ClassificationHead",
    "CompressedCopy",
    "Conv1D",
    "ConvolutionBlock1D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseSeparableConv1D",
    "Dropout",
    "EdgePadding1D",
    "ExactNormalization",
    "FeatureStandardization",
    "GlobalPooling1D",
    "GroupedFeedForward",
    "HydraFeatures",
    "InceptionModule1D",
    "LayerNormalization",
    "MiniRocketFeatures",
    "ModernTCNBlock",
    "MultiScaleBlock",
    "MultiScaleConv1D",
    "MultiScaleDepthwiseConv1D",
    "OrdinalHead",
    "PatchConv1D",
    "PhysicsLoss",
    "QuickLayer",
    "RegressionHead",
    "ReparameterizedDepthwiseConv1D",
    "ResidualBlock1D",
    "ReversibleNormalization",
    "SelfAttention",
    "SharedConv1D",
    "SignalDecoder",
    "SignalNormalization",
    "SinusoidalPositions",
    "SparseScaling",
    "SqueezeExcite",
    "StochasticDepth",
    "TemporalBlock",
    "TemporalConvolution",
    "TransformerBlock",
    "WeightNormalizedConv1D",
    "WideDense",
    "combined_span",
]
