"""What a request to predict holds."""

import asyncio
import io
import json
import math
from typing import Any, NamedTuple

import numpy as np
from starlette.datastructures import QueryParams
from starlette.requests import Request

from kerashar.data.images.decode_image import decode_image
from kerashar.names import unknown_name
from kerashar.serving.body_reader import BodyReader
from kerashar.serving.float32_array import float32_array
from kerashar.serving.refused import RefusedError
from kerashar.serving.served_model import ServedModel

MAX_PIXELS = 16_000_000  # of an image file
_NPY, _RAW, _JSON = "application/x-npy", "application/octet-stream", "application/json"
_FILES = ("image/png", "image/jpeg")
_SIGNAL = ("rate", "channels", "units")


class Asked(NamedTuple):
    """Samples `(n, ...)` of the model's shape, and how many of the likeliest classes to tell."""

    samples: np.ndarray
    top: int


async def read_request(request: Request, model: ServedModel, most: int, bodies: BodyReader) -> Asked:
    """Read a request and check it against the model's card; `most` samples may be in it.

    Raises:
        RefusedError: what is wrong with it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    known = (_JSON, _RAW, _NPY, *(_FILES if model.card.item == "image" else ()))
    if kind not in known or "content-encoding" in request.headers:
        said = f"content-type {kind!r}, content-encoding {request.headers.get('content-encoding', 'none')!r}"
        raise RefusedError(415, f"Expected content-type {', '.join(known)}, not encoded. Received: {said}.")
    async with bodies.read(request) as body:
        try:
            if kind == _JSON:
                given, name = _parsed(body), f"{model.card.item}s"
                samples = float32_array(given.pop(name, None), name)
            else:
                given = _of_query(request.query_params)
                read = {_RAW: _raw, _NPY: _npy}.get(kind, _image)
                shape = model.card.sample_shape
                samples = await asyncio.to_thread(read, body, shape) if kind in _FILES else read(body, shape)
            top = _checked(given, model)
            _check_samples(samples, model, most)
        except ValueError as error:
            raise RefusedError(422, str(error)) from error
    return Asked(samples, top)


def _of_query(query: QueryParams) -> dict[str, Any]:
    given: dict[str, Any] = {name: query.getlist(name) if name in _SIGNAL[1:] else query[name] for name in query}
    return given | {name: _number(query[name], name) for name in ("rate", "top") if name in query}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, f"Expected JSON. Received: {error}.") from error
    if not isinstance(given, dict):
        raise RefusedError(400, f"Expected a JSON object. Received: a {type(given).__name__}.")
    return given


def _checked(given: dict[str, Any], model: ServedModel) -> int:
    """How many classes to tell; ValueError where the rest of a request doesn't fit the model."""
    top = given.pop("top", 1)
    classes = len(model.card.class_names)
    if isinstance(top, bool) or not isinstance(top, int | float) or top not in range(1, classes + 1):
        raise ValueError(f"Expected top to be a whole number from 1 to {classes}. Received: top={top!r}.")
    wanted = () if model.card.item == "image" else _SIGNAL
    for name in given:
        if name not in wanted:
            raise unknown_name("field", name, (f"{model.card.item}s", "top", *wanted))
    if wanted:
        model.check_given(*(given.get(name) for name in wanted))
    return int(top)


def _check_samples(samples: np.ndarray, model: ServedModel, most: int) -> None:
    item, shape = model.card.item, model.card.sample_shape
    if samples.shape[1:] != shape or not 1 <= len(samples) <= most:
        wanted = f"1 to {most} {item}s (n, {', '.join(map(str, shape))})"
        raise ValueError(f"Expected {wanted}. Received: shape={samples.shape}.")
    if not np.isfinite(samples).all():
        raise ValueError(f"Expected finite {item}s. Received: NaN or infinity.")
    if item == "image" and (samples.min() < 0 or samples.max() > 255):
        raise ValueError(f"Expected pixels from 0 to 255. Received: {samples.min():g} to {samples.max():g}.")


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"Expected {name} to be a number. Received: {name}={text!r}.") from None


def _raw(body: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """float32, little endian, sample after sample, of each the last axis fastest."""
    size = 4 * math.prod(shape)
    if not body or len(body) % size:
        raise ValueError(f"Expected {size} bytes for each sample, float32. Received: {len(body)} bytes.")
    return np.frombuffer(body, "<f4").reshape(-1, *shape)


def _npy(body: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """A file of NumPy; nothing is allocated for what its header promises and the body doesn't hold."""
    file = io.BytesIO(body)
    try:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        whole, fortran, dtype = read(file)
    except Exception as error:  # NumPy parses the header as Python literals, which fails in most ways
        raise ValueError(f"Expected an .npy file of version 1 or 2. Received: {str(error)[:80]}.") from error
    content = memoryview(body)[file.tell() :]
    if dtype.str not in ("<f4", "<f8", "|u1"):
        raise ValueError(f"Expected an array of float32, float64 or uint8. Received: {str(dtype)[:80]}.")
    if min(whole, default=1) < 0 or len(content) != math.prod(whole) * dtype.itemsize:
        raise ValueError(f"Expected an .npy file of shape {whole}. Received: {len(content)} bytes of values.")
    array = np.frombuffer(content, dtype).reshape(whole, order="F" if fortran else "C")
    return float32_array(array, "values")


def _image(body: bytes, shape: tuple[int, ...]) -> np.ndarray:
    height, width, channels = shape
    try:
        return decode_image(body, (height, width), 1 if channels == 1 else 3, max_pixels=MAX_PIXELS)[None]
    except ValueError as error:
        raise ValueError(f"Expected a PNG or JPEG file. Received: {error}.") from error
