"""The formats of exports: how their files are called, and which packages write, read and check them."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple, get_args

Format = Literal["onnx", "litert", "openvino", "saved_model"]


class Facts(NamedTuple):
    """What is known of a format: the end of its path, and the packages that it takes."""

    suffix: str
    packages: tuple[str, ...]


FORMATS: dict[Format, Facts] = {
    "onnx": Facts(".onnx", ("tensorflow", "tf2onnx", "onnx", "onnxruntime")),
    "litert": Facts(".tflite", ("tensorflow", "ai_edge_litert")),
    "openvino": Facts(".xml", ("tensorflow", "tf2onnx", "onnx", "openvino")),
    "saved_model": Facts("", ("tensorflow",)),
}


def format_of(path: Path, given: str | None = None) -> Format:
    """The format of a path, by its suffix or as it is `given`.

    Raises:
        ValueError: an unknown suffix or format, or a suffix that is not the format's.
    """
    suffixes = ", ".join(facts.suffix or "a folder without suffix" for facts in FORMATS.values())
    if given is not None and given not in get_args(Format):
        raise ValueError(f"Expected one of the formats {', '.join(FORMATS)}. Received: format={given!r}.")
    for name, facts in FORMATS.items():
        if given == name and facts.suffix in ("", path.suffix):
            return name
        if given is None and facts.suffix == path.suffix:
            return name
    raise ValueError(f"Expected a path that ends as its format does: {suffixes}. Received: {str(path)!r}.")


def check_packages(packages: Iterable[str]) -> None:
    """Refuse to begin where a package is missing.

    Raises:
        ImportError: which one, and how to install it.
    """
    for package in packages:
        if find_spec(package) is None:
            extra = "export,tensorflow" if package == "tensorflow" else "export"
            raise ImportError(f"Expected the package {package}: pip install kerashar[{extra}].")
