"""Which classes the config of a model file may name. Keras sees a config only after this."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import keras

from kerashar import features
from kerashar.models.archive_check import RefusedError

_DEPTH = 200  # levels of JSON; a model inside a model inside a model takes about 20

# Written out, so that a later Keras adds nothing by itself. Left out on purpose:
# - Lambda, TorchModuleWrapper, TFSMLayer, JaxLayer, FlaxLayer: run code that a file brings
# - StringLookup, IntegerLookup, TextVectorization: open a vocabulary file
# - MelSpectrogram: builds a table of any size that is not a weight
# - Discretization, CategoryEncoding, Hashing, HashedCrossing: for tables, and need TensorFlow
# - Layer, Wrapper: abstract
_LAYERS = """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
    AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D
    AveragePooling3D BatchNormalization Bidirectional CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
    Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D CutMix Dense
    DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Equalization Flatten GRU GRUCell
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity
    InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes MaxPooling1D
    MaxPooling2D MaxPooling3D Maximum Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute
    Pipeline RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
    RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
    RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
    RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling
    Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D SimpleRNN
    SimpleRNNCell Softmax Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D
    SpectralNormalization StackedRNNCells Subtract TimeDistributed UnitNormalization UpSampling1D
    UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
"""
_INITIALIZERS = """
    Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
    RandomNormal RandomUniform STFT TruncatedNormal VarianceScaling Zeros
"""
_ALLOWED = {
    "keras": {"DTypePolicy", "Model", "Sequential"},
    "keras.src.models.functional": {"Functional"},  # Keras writes its private module for this one
    "keras.layers": set(_LAYERS.split()),
    "keras.initializers": set(_INITIALIZERS.split()),
    "keras.regularizers": {"L1", "L1L2", "L2", "OrthogonalRegularizer"},
    "keras.constraints": {"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"},
    "keras.dtype_policies": {"DTypePolicyMap"},
    "keras.random": {"SeedGenerator"},
}
_REMEDY = (
    "Build the model from layers of kerashar and Keras and save it again; or, for a class that you wrote, "
    "pass custom_objects={name: class}."
)


def prediction_config(config: dict[str, Any], custom_objects: Mapping[str, type]) -> dict[str, Any]:
    """Check that a config names known classes only, and leave out what only training needs.

    Keras compiles inner models even with `compile=False`. Without their settings there is nothing to compile,
    and no loss, metric or optimizer has to be trusted.

    Args:
        config: the parsed config of a model file; changed in place.
        custom_objects: classes that the caller trusts besides.

    Raises:
        RefusedError: a class, a function or an object that is not on the list; nested too deeply.
    """
    if "class_name" not in config:
        raise RefusedError(f"Expected the config of a model. Received: an object with the keys {sorted(config)[:10]}.")
    for where, node in _walk(config):
        _load_feature(node)
        if isinstance(node, str):
            _check_text(node, where, custom_objects)
        elif "class_name" in node and not _is_known(node, custom_objects):
            name = node.get("class_name")
            known_as = node.get("registered_name") or f"{node.get('module')}.{name}"
            raise RefusedError(
                f"Its config names {str(known_as)[:200]!r} ({str(name)[:200]!r}) at {where}, which is not on "
                f"the list of classes that load without running code or opening files. {_REMEDY}"
            )
    return config


def _load_feature(node: dict[str, Any] | str) -> None:
    """Features load at their first use, and Keras knows only what is loaded; the table of their names is fixed."""
    name = node if isinstance(node, str) else node.get("registered_name")
    if isinstance(name, str) and name.startswith("kerashar>"):
        getattr(features, name.removeprefix("kerashar>"), None)


def _walk(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Every object and every text inside, with its place. Not recursive: the file decides how deep it is."""
    todo: list[tuple[str, int, Any]] = [("config.json", 1, config)]
    while todo:
        where, depth, node = todo.pop()
        if depth > _DEPTH:
            raise RefusedError(f"Expected a config of at most {_DEPTH} levels. Received: more, at {where[:200]}.")
        if isinstance(node, dict):
            if "class_name" in node:
                node.pop("compile_config", None)
            yield where, node
            todo += [(f"{where}.{key}", depth + 1, value) for key, value in node.items()]
        elif isinstance(node, list):
            todo += [(f"{where}[{index}]", depth + 1, value) for index, value in enumerate(node)]
        elif isinstance(node, str):
            yield where, node


def _is_known(node: dict[str, Any], custom_objects: Mapping[str, type]) -> bool:
    name, inner = node["class_name"], node.get("config")
    if name == "__keras_tensor__":  # shape, dtype, and the names of layers
        return isinstance(inner, dict)
    # Without a module Keras falls back to its legacy format, which has rules of its own.
    if not isinstance(name, str) or not isinstance(node.get("module"), str):
        return False
    registered_name = node.get("registered_name", name)
    if name == "function":  # Keras looks functions up by their config, and only registered ones are of use
        return isinstance(inner, str) and _is_trusted(inner, custom_objects)
    if not isinstance(inner, dict):
        return False
    if registered_name is not None and not isinstance(registered_name, str):
        return False
    # Keras asks its registry first, and its own modules second. So does this.
    found = keras.saving.get_registered_object(registered_name, custom_objects) if registered_name else None
    if found is not None:
        return inspect.isclass(found) and found.__name__ == name and _is_trusted(registered_name, custom_objects)
    return registered_name in (None, name) and name in _ALLOWED.get(node["module"], ())


def _check_text(text: str, where: str, custom_objects: Mapping[str, type]) -> None:
    # Keras takes any text that equals a registered name for the object of that name.
    if keras.saving.get_registered_object(text, custom_objects) is not None and not _is_trusted(text, custom_objects):
        raise RefusedError(f"Its config names {text!r} at {where}, which other code registered with Keras. {_REMEDY}")


def _is_trusted(registered_name: str | None, custom_objects: Mapping[str, type]) -> bool:
    """Whether the registered object of this name is one of ours, or one that the caller handed over."""
    found = keras.saving.get_registered_object(registered_name, custom_objects)
    if found is None:
        return False
    ours = str(registered_name).startswith("kerashar>") and found.__module__.startswith("kerashar.")
    return ours or any(found is trusted for trusted in custom_objects.values())
