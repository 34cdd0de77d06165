"""Published weights of timm, for our models of the same networks."""

import hashlib
import json
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.models.images.resize_weights import resize_patches, resize_positions

_FILE = "model.safetensors"
_VARIABLES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# What timm itself declares: the first pattern that fits.
_FIGURES = (
    ("convnext_*.clip*", _CLIP),
    ("eva02_*", _CLIP),
    ("vit_base_patch16_224.bamboo", _CLIP),
    ("vit_*.dino", _IMAGENET),
    ("vit_*.mae", _IMAGENET),
    ("vit_*", _HALF),
    ("mobilenetv3_*.miil*", ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))),
    ("mobilenetv3_*.ra4*", _HALF),
    ("mobilenetv4_conv_small.e3600*", _HALF),
    ("*", _IMAGENET),
)


def load_timm_weights(model: Any, weights: str | Path, sha256: str | None = None) -> None:
    """Give a model the weights that timm has published for the same network, and their normalisation.

    No network access and no pickle: the file lies in the cache of the Hugging Face hub, or anywhere. Position
    embeddings are resized to the model's grid, and kernels of patches to its patch size. Where the model has another
    number of classes than the file, its logits keep their start.

    Args:
        model: a model of a family that has published weights.
        weights: `"timm/NAME.TAG"`, the repository on the hub, or path of a `.safetensors` file that has the
            repository's `config.json` beside it.
        sha256: what the file's SHA-256 has to be. Defaults to what the hub's cache says it is.

    Raises:
        FileNotFoundError: no such file; the message says how to fetch it.
        ValueError: another file than `sha256` says, or one of another network.
    """
    if not hasattr(model, "timm_names"):
        raise ValueError(
            f"Expected a model with published weights. Received: {type(model).__name__}, weights={weights!r}."
        )
    file = _find(str(weights))
    _check(file, sha256)
    mean, deviation = _figures(file, str(weights))
    _fill(model, _read(file), file)
    normalization = model.get_layer("normalization")
    normalization.mean.assign(255 * np.array(mean))
    normalization.deviation.assign(255 * np.array(deviation))


def _find(weights: str) -> Path:
    if not weights.startswith("timm/"):
        file = Path(weights).expanduser()
        if not file.is_file():
            raise FileNotFoundError(
                f'Expected weights="timm/NAME.TAG" or the path of a .safetensors file. Received: {weights!r}, '
                "where no file is."
            )
        return file
    folder = _cache() / f"models--{weights.replace('/', '--')}"
    main = folder / "refs" / "main"
    revision = main.read_text().strip() if main.is_file() else "*"
    found = sorted(folder.glob(f"snapshots/{revision}/{_FILE}"))
    if not found:
        raise FileNotFoundError(
            f"Expected {_FILE} in {folder / 'snapshots'}. Received: weights={weights!r}, which is not there. Fetch it "
            f"with: hf download {weights} {_FILE} config.json"
        )
    return found[-1]


def _cache() -> Path:
    """The folder that the hub's own client uses."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"]).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(os.environ.get("HF_HOME", f"{cache}/huggingface")).expanduser() / "hub"


def _check(file: Path, sha256: str | None) -> None:
    # The hub's cache names a large file by its SHA-256, and links to it.
    target = file.resolve()
    expected = sha256 or (target.name if target.parent.name == "blobs" and len(target.name) == 64 else None)
    if expected is None:
        return
    with target.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    if digest != expected.lower():
        raise ValueError(
            f"Expected SHA-256 {expected}. Received: {digest}, of {file}. Delete the file and fetch it anew."
        )


def _figures(file: Path, weights: str) -> tuple[Any, Any]:
    """Mean and deviation of pixels from 0 to 1."""
    config = file.parent / "config.json"
    if config.is_file():
        declared = json.loads(config.read_text())
        declared = declared.get("pretrained_cfg", declared)
        return declared["mean"], declared["std"]
    name = weights.removeprefix("timm/")
    for pattern, figures in _FIGURES:
        if weights.startswith("timm/") and fnmatchcase(name, pattern):
            return figures
    raise FileNotFoundError(f"Expected the repository's config.json beside {file}: it says how pixels are normalised.")


def _read(file: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    tensors = load_file(file)
    return {
        name: np.asarray(values, "float32")
        for name, values in tensors.items()
        if not name.endswith("num_batches_tracked")  # PyTorch's counter; a momentum of its own makes it needless
    }


def _fill(model: Any, tensors: dict[str, np.ndarray], file: Path) -> None:
    tensors = model.join_timm(tensors) if hasattr(model, "join_timm") else tensors
    names = {_timm_name(weight.path, model.timm_names): weight for weight in model.weights if _is_published(weight)}
    logits = [_timm_name(f"logits/{variable}", model.timm_names) for variable in ("kernel", "bias")]
    if not model.num_classes:
        head = logits[0].removesuffix("weight").removesuffix("fc2.")  # some heads have a layer ahead of the logits
        tensors = {name: values for name, values in tensors.items() if not name.startswith(head)}
    elif any(model.num_classes != len(tensors.get(name, ())) for name in logits):
        names = {name: weight for name, weight in names.items() if name not in logits}
        tensors = {name: values for name, values in tensors.items() if name not in logits}
    missing, left = names.keys() - tensors.keys(), tensors.keys() - names.keys()
    if missing or left:
        raise ValueError(
            f"Expected the weights of {model.name}. Received: {file}, which lacks {sorted(missing)[:3]} and has "
            f"{sorted(left)[:3]} besides."
        )
    arrays = {name: _fit(tensors[name], weight, model) for name, weight in names.items()}
    for name, weight in names.items():
        if arrays[name].shape != tuple(weight.shape):
            raise ValueError(
                f"Expected {name} of shape {tuple(weight.shape)} for {model.name}. Received: {arrays[name].shape}, "
                f"in {file}."
            )
    for name, weight in names.items():
        weight.assign(arrays[name])


def _is_published(weight: Any) -> bool:
    return not weight.path.startswith("normalization/") and "seed_generator" not in weight.path


def _timm_name(path: str, rules: tuple[tuple[str, str], ...]) -> str:
    """The name that timm gives to the weight of that path; our numbers begin at 1, theirs at 0."""
    *layers, variable = path.split("/")
    name = ".".join([*layers, _VARIABLES.get(variable, variable)])
    for pattern, theirs in rules:
        name = re.sub(
            pattern, lambda match, new=theirs: new.format(*(int(group) - 1 for group in match.groups())), name
        )
    return name


def _fit(values: np.ndarray, weight: Any, model: Any) -> np.ndarray:
    """Values of PyTorch's order of axes in Keras', of the weight's sizes where they can be resized."""
    shape = tuple(weight.shape)
    if values.ndim == 4:
        values = values.transpose(2, 3, 1, 0)  # (rows, columns, channels, filters)
        if len(shape) == 2:
            values = values[0, 0]  # a convolution of single pixels is a product
        elif values.shape[:2] != shape[:2] and weight.path.split("/")[0] == "stem":
            values = resize_patches(values, shape[0])
    elif values.ndim == 2:
        values = values.T
    elif weight.path.endswith("positions") and values.shape != shape:
        values = resize_positions(values, model.grid)
    return values
