"""Which backend Keras runs on in this process. Importing this module does not import Keras."""

import importlib.util
import os

from kerashar.memory import keep_memory
from kerashar.names import unknown_name

BACKENDS = ("torch", "jax", "tensorflow")


def check_backend(backend: str) -> None:
    """Refuse a backend that Keras doesn't have or that isn't installed.

    Raises:
        ValueError: unknown or missing backend, with the command that installs it.
    """
    if backend not in BACKENDS:
        raise unknown_name("backend", backend, BACKENDS)
    if importlib.util.find_spec(backend) is None:
        raise ValueError(
            f"Expected the backend {backend!r} to be installed. Received: no module of that name. "
            f"Install it with `pip install 'kerashar[{backend}]'`."
        )


def choose_backend(backend: str) -> None:
    """Make Keras run on `backend` in this process, and keep memory for it; call it before anything imports Keras.

    Raises:
        ValueError: Keras runs on another backend already, or the backend is unknown or missing.
    """
    check_backend(backend)
    os.environ["KERAS_BACKEND"] = backend
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # start-up notices of TensorFlow
    keep_memory()
    import keras

    if keras.backend.backend() != backend:
        raise ValueError(
            f"Expected Keras to run on {backend!r}. Received: {keras.backend.backend()!r}, chosen before in "
            "this process. Set KERAS_BACKEND before anything imports keras."
        )
