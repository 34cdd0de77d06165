"""The input card of a model in its export."""

import json
from pathlib import Path
from typing import Any

from kerashar.export.formats import Format, check_packages, format_of
from kerashar.models import InputCard

_KEY = "input_card"  # of an ONNX model's metadata
_INSIDE = "kerashar.json"  # in the folder of a SavedModel


def write_card(path: Path, kind: Format, card: InputCard | None) -> None:
    """Write a model's card into its export, or beside it; a model without one has none there either."""
    if card is None:
        return
    text = json.dumps(card.to_json())
    if kind == "onnx":
        import onnx

        model = onnx.load(path)
        onnx.helper.set_model_props(model, {**_properties(model), _KEY: text})
        onnx.save(model, path)
    else:
        _beside(path, kind).write_text(text + "\n", encoding="utf-8")


def read_card(path: Path | str) -> InputCard | None:
    """The input card of an export: what it takes, in which units, and what its classes are called.

    It stands in the metadata of an ONNX model, in `NAME.kerashar.json` beside `NAME.tflite` and `NAME.xml`, and in
    `kerashar.json` in the folder of a SavedModel.

    Returns:
        The card; None where the exported model had none.

    Raises:
        FileNotFoundError: no such export.
        ValueError: an unknown suffix, or a card that makes no sense.
    """
    path = Path(path)
    kind = format_of(path)
    if not path.exists():
        raise FileNotFoundError(f"Expected an export. Received: {path}, which doesn't exist.")
    text = None
    if kind == "onnx":
        check_packages(["onnx"])
        import onnx

        text = _properties(onnx.load(path, load_external_data=False)).get(_KEY)
    elif (file := _beside(path, kind)).exists():
        text = file.read_text(encoding="utf-8")
    return None if text is None else InputCard.from_json(json.loads(text))


def _beside(path: Path, kind: Format) -> Path:
    return path / _INSIDE if kind == "saved_model" else path.with_suffix(f".{_INSIDE}")


def _properties(model: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}
