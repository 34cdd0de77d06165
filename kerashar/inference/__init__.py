"""Inference on streams. Names load at their first use, so that `NumpyStream` needs neither Keras nor a backend."""

from typing import TYPE_CHECKING

from kerashar.lazy_names import lazy_names

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
__getattr__ = lazy_names(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(__all__)
