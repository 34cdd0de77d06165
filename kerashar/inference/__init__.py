"""Inference on streams. Names load at their first use, so that `NumpyStream` needs neither Keras nor a backend."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kerashar.inference.numpy_stream import NumpyStream
    from kerashar.inference.running_decision import RunningDecision
    from kerashar.inference.stream_state import StreamState
    from kerashar.inference.streaming import Stream

_HOME = {
    "NumpyStream": "kerashar.inference.numpy_stream",
    "RunningDecision": "kerashar.inference.running_decision",
    "Stream": "kerashar.inference.streaming",
    "StreamState": "kerashar.inference.stream_state",
}

__all__ = ["NumpyStream", "RunningDecision", "Stream", "StreamState"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'kerashar.inference' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
