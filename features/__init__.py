"""Features and augmentations of signals and images: layers of a model, and arrays computed ahead of time.

A name's module loads at its first use, so that `precompute` and its processes need neither Keras nor a backend.
"""

from typing import TYPE_CHECKING

from kerashar.features.registry import (
    AUGMENTATIONS,
    FEATURES,
    create_augmentations,
    create_features,
    home,
    list_augmentations,
    list_features,
)
from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.features.ahead_of_time import precompute
    from kerashar.features.augment.augmentation import Augmentation
    from kerashar.features.augment.cut_mix import CutMix
    from kerashar.features.augment.images.brightness import Brightness
    from kerashar.features.augment.images.channel_shuffle import ChannelShuffle
    from kerashar.features.augment.images.clahe import Clahe
    from kerashar.features.augment.images.color_jitter import ColorJitter
    from kerashar.features.augment.images.contrast import Contrast
    from kerashar.features.augment.images.flip import Flip
    from kerashar.features.augment.images.gamma import Gamma
    from kerashar.features.augment.images.gaussian_blur import GaussianBlur
    from kerashar.features.augment.images.gaussian_noise import GaussianNoise
    from kerashar.features.augment.images.hue_saturation_value import HueSaturationValue
    from kerashar.features.augment.images.image_augment import ImageAugment
    from kerashar.features.augment.images.jpeg_compression import JpegCompression
    from kerashar.features.augment.images.median_blur import MedianBlur
    from kerashar.features.augment.images.multi_scale import MultiScale
    from kerashar.features.augment.images.random_erasing import RandomErasing
    from kerashar.features.augment.images.rgb_shift import RgbShift
    from kerashar.features.augment.images.rotation import Rotation
    from kerashar.features.augment.mixing import Mixing
    from kerashar.features.augment.mixup import Mixup
    from kerashar.features.augment.signals.channel_mask import ChannelMask
    from kerashar.features.augment.signals.colored_noise import ColoredNoise
    from kerashar.features.augment.signals.cropping import Cropping
    from kerashar.features.augment.signals.frequency_mask import FrequencyMask
    from kerashar.features.augment.signals.jitter import Jitter
    from kerashar.features.augment.signals.magnitude_warp import MagnitudeWarp
    from kerashar.features.augment.signals.permutation import Permutation
    from kerashar.features.augment.signals.phase_surrogate import PhaseSurrogate
    from kerashar.features.augment.signals.rotation3d import Rotation3D
    from kerashar.features.augment.signals.scaling import Scaling
    from kerashar.features.augment.signals.signal_augment import SignalAugment
    from kerashar.features.augment.signals.time_mask import TimeMask
    from kerashar.features.augment.signals.time_shift import TimeShift
    from kerashar.features.augment.signals.time_warp import TimeWarp
    from kerashar.features.edges.edge_magnitude import EdgeMagnitude
    from kerashar.features.edges.grayscale import Grayscale
    from kerashar.features.edges.heat_map import HeatMap
    from kerashar.features.edges.image_gradients import ImageGradients
    from kerashar.features.edges.laplacian_edges import LaplacianEdges
    from kerashar.features.feature import Feature
    from kerashar.features.feature_stack import FeatureStack
    from kerashar.features.handcrafted_features import HandcraftedFeatures
    from kerashar.features.orientation.gravity_separation import GravitySeparation
    from kerashar.features.orientation.jerk import Jerk
    from kerashar.features.orientation.magnitude import Magnitude
    from kerashar.features.scale_space.difference_of_gaussians import DifferenceOfGaussians
    from kerashar.features.scale_space.gaussian_derivative import GaussianDerivative
    from kerashar.features.scale_space.gaussian_pyramid import GaussianPyramid
    from kerashar.features.scale_space.gaussian_smoothing import GaussianSmoothing
    from kerashar.features.scale_space.scale_space import ScaleSpace
    from kerashar.features.spectral.band_power import BandPower
    from kerashar.features.spectral.fourier_spectrum import FourierSpectrum
    from kerashar.features.spectral.frequency_bands import FrequencyBands
    from kerashar.features.spectral.power_spectral_density import PowerSpectralDensity
    from kerashar.features.spectral.spectral_shape import SpectralShape
    from kerashar.features.spectral.spectrogram import Spectrogram
    from kerashar.features.statistical.autocorrelation import Autocorrelation
    from kerashar.features.statistical.channel_correlations import ChannelCorrelations
    from kerashar.features.statistical.signal_entropy import SignalEntropy
    from kerashar.features.statistical.signal_statistics import SignalStatistics
    from kerashar.features.wavelet.continuous_wavelet_transform import ContinuousWaveletTransform
    from kerashar.features.wavelet.stationary_wavelet_transform import StationaryWaveletTransform
    from kerashar.features.wavelet.wavelet_packet import WaveletPacket
    from kerashar.features.wavelet.wavelet_transform import WaveletTransform

_HOME = {
    **home(FEATURES),
    **home(AUGMENTATIONS),
    "Augmentation": "kerashar.features.augment.augmentation",
    "Feature": "kerashar.features.feature",
    "FeatureStack": "kerashar.features.feature_stack",
    "HandcraftedFeatures": "kerashar.features.handcrafted_features",
    "Mixing": "kerashar.features.augment.mixing",
    "precompute": "kerashar.features.ahead_of_time",
}

__all__ = [
    "Augmentation",
    "Autocorrelation",
    "BandPower",
    "Brightness",
    "ChannelCorrelations",
    "ChannelMask",
    "ChannelShuffle",
    "Clahe",
    "ColorJitter",
    "ColoredNoise",
    "ContinuousWaveletTransform",
    "Contrast",
    "Cropping",
    "CutMix",
    "DifferenceOfGaussians",
    "EdgeMagnitude",
    "Feature",
    "FeatureStack",
    "Flip",
    "FourierSpectrum",
    "FrequencyBands",
    "FrequencyMask",
    "Gamma",
    "GaussianBlur",
    "GaussianDerivative",
    "GaussianNoise",
    "GaussianPyramid",
    "GaussianSmoothing",
    "GravitySeparation",
    "Grayscale",
    "HandcraftedFeatures",
    "HeatMap",
    "HueSaturationValue",
    "ImageAugment",
    "ImageGradients",
    "Jerk",
    "Jitter",
    "JpegCompression",
    "LaplacianEdges",
    "Magnitude",
    "MagnitudeWarp",
    "MedianBlur",
    "Mixing",
    "Mixup",
    "MultiScale",
    "Permutation",
    "PhaseSurrogate",
    "PowerSpectralDensity",
    "RandomErasing",
    "RgbShift",
    "Rotation",
    "Rotation3D",
    "ScaleSpace",
    "Scaling",
    "SignalAugment",
    "SignalEntropy",
    "SignalStatistics",
    "SpectralShape",
    "Spectrogram",
    "StationaryWaveletTransform",
    "TimeMask",
    "TimeShift",
    "TimeWarp",
    "WaveletPacket",
    "WaveletTransform",
    "create_augmentations",
    "create_features",
    "list_augmentations",
    "list_features",
    "precompute",
]

__getattr__ = lazy_names(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
