"""Layers, one per file."""

from kerashar.layers.compressed_copy import CompressedCopy
from kerashar.layers.conv1d import Conv1D
from kerashar.layers.depthwise_conv1d import DepthwiseConv1D
from kerashar.layers.global_pooling1d import GlobalPooling1D
from kerashar.layers.multi_scale_block import MultiScaleBlock
from kerashar.layers.multi_scale_depthwise_conv1d import MultiScaleDepthwiseConv1D
from kerashar.layers.signal_normalization import SignalNormalization
from kerashar.layers.squeeze_excite import SqueezeExcite
from kerashar.layers.stochastic_depth import StochasticDepth
from kerashar.layers.temporal_convolution import TemporalConvolution, combined_span

__all__ = [
    "CompressedCopy",
    "Conv1D",
    "DepthwiseConv1D",
    "GlobalPooling1D",
    "MultiScaleBlock",
    "MultiScaleDepthwiseConv1D",
    "SignalNormalization",
    "SqueezeExcite",
    "StochasticDepth",
    "TemporalConvolution",
    "combined_span",
]
