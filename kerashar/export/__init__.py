"""Trained models for other programs: ONNX, LiteRT, OpenVINO and SavedModel, whole or compressed."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.export.exporting import export_model
    from kerashar.export.input_cards import read_card
    from kerashar.export.pruning import KeptZeros, prune, sparsity_of
    from kerashar.export.static_quantization import quantize_static
    from kerashar.export.streaming import export_stream
    from kerashar.export.weight_quantization import quantize_weights

_HOME = {
    "KeptZeros": "kerashar.export.pruning",
    "export_model": "kerashar.export.exporting",
    "export_stream": "kerashar.export.streaming",
    "prune": "kerashar.export.pruning",
    "quantize_static": "kerashar.export.static_quantization",
    "quantize_weights": "kerashar.export.weight_quantization",
    "read_card": "kerashar.export.input_cards",
    "sparsity_of": "kerashar.export.pruning",
}

__all__ = [
    "KeptZeros",
    "export_model",
    "export_stream",
    "prune",
    "quantize_static",
    "quantize_weights",
    "read_card",
    "sparsity_of",
]
__getattr__ = lazy_names(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
