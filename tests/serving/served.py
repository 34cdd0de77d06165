"""A small model behind a server in this process, and clients of it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerashar.models import InputCard, create_model, save_model
from kerashar.serving import ServedModel, create_app
from kerashar.serving.server import build_server
from tests.support import scramble

TIME, CHANNELS, RATE = 32, 2, 32.0
CLASSES = ("STILL", "SLOW_WALK", "FAST")
CARD = {"rate": RATE, "channels": ["x", "y"], "units": ["g", "g"]}


def saved_model(folder: Any, name: str = "tcn", **settings: Any) -> Any:
    """The file of a small model of windows."""
    model: Any = create_model(name, (TIME, CHANNELS), len(CLASSES), **settings)
    scramble(model, 0.3)
    model.input_card = InputCard("window", CLASSES, (TIME, CHANNELS), RATE, ("x", "y"), ("g", "g"))
    save_model(model, folder / f"{name}.keras")
    return folder / f"{name}.keras"


def saved_image_model(folder: Any) -> Any:
    import keras

    inputs = keras.Input((4, 6, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))
    model: Any = keras.Model(inputs, keras.layers.Dense(3, name="logits")(pooled))
    model.get_layer("logits").set_weights([10 * np.eye(3), np.zeros(3)])
    model.input_card = InputCard("image", ("red", "green", "blue"), (4, 6, 3))
    save_model(model, folder / "image.keras")
    return folder / "image.keras"


def windows(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, TIME, CHANNELS)).astype("float32")


@contextmanager
def serving(model: ServedModel, **settings: Any) -> Iterator[str]:
    """The address, such as 127.0.0.1:40000, of a server that runs in a thread."""
    server = build_server(create_app(model, **settings))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
