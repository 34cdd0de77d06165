"""Features and augmentations by the names that recipes and search spaces use."""

import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kerashar.names import unknown_name

if TYPE_CHECKING:
    from kerashar.features.augment.augmentation import Augmentation
    from kerashar.features.feature import Feature

# The file of a class is named as the feature is.
FEATURES = {
    "autocorrelation": "statistical.Autocorrelation",
    "band_power": "spectral.BandPower",
    "channel_correlations": "statistical.ChannelCorrelations",
    "continuous_wavelet_transform": "wavelet.ContinuousWaveletTransform",
    "difference_of_gaussians": "scale_space.DifferenceOfGaussians",
    "edge_magnitude": "edges.EdgeMagnitude",
    "fourier_spectrum": "spectral.FourierSpectrum",
    "frequency_bands": "spectral.FrequencyBands",
    "gaussian_derivative": "scale_space.GaussianDerivative",
    "gaussian_pyramid": "scale_space.GaussianPyramid",
    "gaussian_smoothing": "scale_space.GaussianSmoothing",
    "gravity_separation": "orientation.GravitySeparation",
    "grayscale": "edges.Grayscale",
    "heat_map": "edges.HeatMap",
    "image_gradients": "edges.ImageGradients",
    "jerk": "orientation.Jerk",
    "laplacian_edges": "edges.LaplacianEdges",
    "magnitude": "orientation.Magnitude",
    "power_spectral_density": "spectral.PowerSpectralDensity",
    "scale_space": "scale_space.ScaleSpace",
    "signal_entropy": "statistical.SignalEntropy",
    "signal_statistics": "statistical.SignalStatistics",
    "spectral_shape": "spectral.SpectralShape",
    "spectrogram": "spectral.Spectrogram",
    "stationary_wavelet_transform": "wavelet.StationaryWaveletTransform",
    "wavelet_packet": "wavelet.WaveletPacket",
    "wavelet_transform": "wavelet.WaveletTransform",
}
AUGMENTATIONS = {
    "brightness": "augment.images.Brightness",
    "channel_mask": "augment.signals.ChannelMask",
    "channel_shuffle": "augment.images.ChannelShuffle",
    "clahe": "augment.images.Clahe",
    "color_jitter": "augment.images.ColorJitter",
    "colored_noise": "augment.signals.ColoredNoise",
    "contrast": "augment.images.Contrast",
    "cropping": "augment.signals.Cropping",
    "cut_mix": "augment.CutMix",
    "flip": "augment.images.Flip",
    "frequency_mask": "augment.signals.FrequencyMask",
    "gamma": "augment.images.Gamma",
    "gaussian_blur": "augment.images.GaussianBlur",
    "gaussian_noise": "augment.images.GaussianNoise",
    "hue_saturation_value": "augment.images.HueSaturationValue",
    "image_augment": "augment.images.ImageAugment",
    "jitter": "augment.signals.Jitter",
    "jpeg_compression": "augment.images.JpegCompression",
    "magnitude_warp": "augment.signals.MagnitudeWarp",
    "median_blur": "augment.images.MedianBlur",
    "mixup": "augment.Mixup",
    "multi_scale": "augment.images.MultiScale",
    "permutation": "augment.signals.Permutation",
    "phase_surrogate": "augment.signals.PhaseSurrogate",
    "random_erasing": "augment.images.RandomErasing",
    "rgb_shift": "augment.images.RgbShift",
    "rotation": "augment.images.Rotation",
    "rotation3d": "augment.signals.Rotation3D",
    "scaling": "augment.signals.Scaling",
    "signal_augment": "augment.signals.SignalAugment",
    "time_mask": "augment.signals.TimeMask",
    "time_shift": "augment.signals.TimeShift",
    "time_warp": "augment.signals.TimeWarp",
}


def list_features() -> list[str]:
    """Names of the features, sorted."""
    return sorted(FEATURES)


def list_augmentations() -> list[str]:
    """Names of the augmentations, sorted."""
    return sorted(AUGMENTATIONS)


def create_features(settings: Mapping[str, Any], sampling_rate: float | None) -> "list[Feature]":
    """Build features from plain data, as a recipe holds it.

    Args:
        settings: by the feature's name a dictionary of its arguments, True for its defaults, False to leave it out, or
            a number: its first argument besides the sampling rate.
        sampling_rate: samples per second (Hz), for those that take it; None for images.

    Raises:
        ValueError: an unknown name or argument, or a value that the feature refuses.

    Example:
        >>> [type(each).__name__ for each in create_features({"jerk": True, "wavelet_transform": False}, 50.0)]
        ['Jerk']
    """
    return _create("feature", FEATURES, settings, {} if sampling_rate is None else {"sampling_rate": sampling_rate})


def create_augmentations(
    settings: Mapping[str, Any],
    seed: int,
    channel_deviation: Sequence[float] | None = None,
    triples: Sequence[Sequence[int]] | None = None,
) -> "list[Augmentation]":
    """Build augmentations from plain data, as `create_features` builds features.

    Their outputs are float32 under any policy, since physical units may not fit float16.

    Args:
        settings: as for `create_features`, by the augmentation's name.
        seed: of their draws; each gets one of its own.
        channel_deviation: the channels' deviation over the training windows, for those that take it.
        triples: which channels are the three axes of a sensor, for those that take it.

    Raises:
        ValueError: an unknown name or argument, or a value that the augmentation refuses.

    Example:
        >>> [each.deviation for each in create_augmentations({"jitter": 0.1}, seed=0)]
        [0.1]
    """
    facts = {"channel_deviation": channel_deviation, "triples": triples}
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return _create("augmentation", AUGMENTATIONS, settings, {"seed": seed, "dtype": "float32", **known})


def home(table: Mapping[str, str]) -> dict[str, str]:
    """The module of each class."""
    places = (_place(name, place) for name, place in table.items())
    return {class_name: module for module, class_name in places}


def _place(name: str, place: str) -> tuple[str, str]:
    """The module and the class of a name's entry."""
    family, _, class_name = place.rpartition(".")
    return f"kerashar.features.{family}.{name}", class_name


def _create(kind: str, table: Mapping[str, str], settings: Mapping[str, Any], common: dict[str, Any]) -> list[Any]:
    created = []
    for number, (name, value) in enumerate(settings.items()):
        if name not in table:
            raise unknown_name(kind, name, table)
        if value is None or value is False or value == 0:
            continue
        module, class_name = _place(name, table[name])
        its_class = getattr(import_module(module), class_name)
        known = [each for each in inspect.signature(its_class.__init__).parameters if each not in ("self", "kwargs")]
        if "sampling_rate" in known and "sampling_rate" not in common:
            raise ValueError(f"Expected signals, which have a sampling rate, with {name}. Received: images.")
        own = [each for each in known if each not in common]
        given = value if isinstance(value, dict) else {} if value is True else {own[0]: value}
        for argument in given:
            if argument not in known:
                raise unknown_name(f"setting of {name}", argument, known)
        shared = {argument: each for argument, each in common.items() if argument in (*known, "dtype")}
        if "seed" in shared:
            shared["seed"] += number
        created.append(its_class(**{**shared, **given}))
    return created
