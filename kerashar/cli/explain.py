"""`kerashar explain`: where a model sees what it says, as a picture."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerashar.cli.options import Archive, Backend

if TYPE_CHECKING:
    import numpy as np

MOST_IMAGES = 60  # in one picture


class Method(StrEnum):
    """How maps are made."""

    grad_cam = "grad_cam"
    attention = "attention"


def explain(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    images: Annotated[
        list[Path] | None, typer.Argument(help="Images, or folders of images; none where --data names windows.")
    ] = None,
    method: Annotated[
        Method, typer.Option(help="grad_cam, for any model and class, or attention, for transformers.")
    ] = Method.grad_cam,
    class_index: Annotated[
        int | None, typer.Option("--class", help="Which class grad_cam looks for; otherwise the predicted one.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="Which layer grad_cam reads; otherwise the last that can be.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Data set of windows: see `kerashar data`.")] = None,
    archive: Archive = None,
    windows: Annotated[int, typer.Option(min=1, help="How many windows of it, evenly spread.")] = 6,
    out: Annotated[Path, typer.Option(help="File of the picture.")] = Path("explanations.png"),
    backend: Backend = None,
) -> None:
    """Draw where in images or windows a model sees what it says."""
    if bool(images) == (data is not None):
        raise ValueError(f"Expected images or --data. Received: {len(images or [])} images, --data {data}.")
    if method is Method.attention and (class_index, layer) != (None, None):
        raise ValueError("Expected --class and --layer with --method grad_cam. Received: --method attention.")
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.explanations import attention_rollout, draw_explanations, grad_cam
    from kerashar.models import load_model

    loaded = load_model(model)
    if data is None:
        samples, titles, names = *_images(images or [], loaded.input_shape), None
    else:
        samples, titles, names = _windows(data, archive, windows)
        if loaded.output_shape[1:] != (len(names),):
            raise ValueError(
                f"Expected a model of {len(names)} classes for {data}. Received: outputs={loaded.output_shape}."
            )
    if method is Method.attention:
        maps = attention_rollout(loaded, samples)
    else:
        maps = grad_cam(loaded, samples, class_index, layer)
    predicted = loaded.predict(samples, verbose=0).argmax(axis=1)
    said = [f"class {number}" if names is None else names[number] for number in predicted]
    draw_explanations(samples, maps, out, [f"{title}: {label}" for title, label in zip(titles, said, strict=True)])
    typer.echo(f"{len(samples)} explanations written to {out}")


def _images(paths: list[Path], input_shape: tuple[int | None, ...]) -> tuple["np.ndarray", list[str]]:
    """The images at the model's size, and their files' names; of a folder those of the folders in it too."""
    import numpy as np

    from kerashar.data.images.decode_image import decode_image
    from kerashar.data.images.find_images import SUFFIXES

    height, width, channels = input_shape[1:] if len(input_shape) == 4 else (None, None, None)
    if height is None or width is None or channels not in (1, 3):
        raise ValueError(
            "Expected a model of grey or RGB images of a known size; windows come with --data. "
            f"Received: a model of inputs {input_shape}."
        )
    files: list[Path] = []
    for path in paths:
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        if path.is_dir() and not found:
            raise ValueError(f"Expected images ({', '.join(SUFFIXES)}) in {path}. Received: none.")
        files += found or [path]
    if len(files) > MOST_IMAGES:
        raise ValueError(f"Expected at most {MOST_IMAGES} images for one picture. Received: {len(files)}.")
    decoded = []
    for file in files:
        content = file.read_bytes()
        try:
            decoded.append(decode_image(content, (height, width), 1 if channels == 1 else 3))
        except ValueError as error:
            raise ValueError(f"Expected an image that can be decoded. Received: {file} ({error}).") from error
    return np.stack(decoded).astype("float32"), [file.name for file in files]


def _windows(data: str, archive: Path | None, count: int) -> tuple["np.ndarray", list[str], list[str]]:
    """Windows from all of a data set, what each is, and the names of the classes."""
    import numpy as np

    from kerashar.data import load_windows

    loaded = load_windows(data, archive=archive)
    chosen = loaded.select(np.unique(np.linspace(0, len(loaded) - 1, count).astype(int)))
    titles = [
        f"{chosen.recordings[index]} at {chosen.starts[index] / chosen.rate:.1f} s, "
        f"{chosen.class_names[chosen.labels[index]]}"
        for index in range(len(chosen))
    ]
    return chosen.windows, titles, list(chosen.class_names)
