"""`kerashar explain`: where a model sees what it says, as a picture."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerashar.cli.options import Archive, Backend

if TYPE_CHECKING:
    import keras
    import numpy as np

# Images or windows, what each is, what the classes are called, and the channels of windows.
Asked = tuple["np.ndarray", list[str], tuple[str, ...], tuple[str, ...] | None]
MOST_IMAGES = 60  # in one picture


class Method(StrEnum):
    """How maps are made."""

    grad_cam = "grad_cam"
    attention = "attention"
    occlusion = "occlusion"
    integrated_gradients = "integrated_gradients"


def explain(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    images: Annotated[
        list[Path] | None, typer.Argument(help="Images, folders or zips of them; none where --data names windows.")
    ] = None,
    method: Annotated[
        Method,
        typer.Option(
            help="grad_cam; attention, of transformers; occlusion, of any model; integrated_gradients, by channel."
        ),
    ] = Method.grad_cam,
    class_index: Annotated[
        int | None, typer.Option("--class", help="Which class is looked for; otherwise the predicted one.")
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
    if layer is not None and method is not Method.grad_cam:
        raise ValueError(f"Expected --layer with --method grad_cam. Received: --method {method}.")
    if class_index is not None and method is Method.attention:
        raise ValueError("Expected --class with a method that tells classes apart. Received: --method attention.")
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.explanations import attention_rollout, draw_explanations, grad_cam, integrated_gradients, occlusion
    from kerashar.models import load_model

    loaded = load_model(model)
    asked = _images(loaded, images or []) if data is None else _windows(loaded, data, archive, windows)
    samples, titles, names, channels = asked
    if method is Method.attention:
        maps = attention_rollout(loaded, samples)
    elif method is Method.grad_cam:
        maps = grad_cam(loaded, samples, class_index, layer)
    else:
        maps = (occlusion if method is Method.occlusion else integrated_gradients)(loaded, samples, class_index)
    said = loaded.predict(samples, verbose=0).argmax(axis=1)
    titles = [f"{title}: {names[label]}" for title, label in zip(titles, said, strict=True)]
    draw_explanations(samples, maps, out, titles, channels)
    typer.echo(f"{len(samples)} explanations written to {out}")


def _images(model: "keras.Model", paths: list[Path]) -> Asked:
    import numpy as np

    from kerashar.data.images import unlabelled_images

    height, width, channels = model.input_shape[1:] if len(model.input_shape) == 4 else (None, None, None)
    if height is None or width is None or channels not in (1, 3):
        raise ValueError(
            "Expected a model of grey or RGB images of a known size; windows come with --data. "
            f"Received: a model of inputs {model.input_shape}."
        )
    pixels, files = [], []
    for path in paths:
        try:
            decoded, names, report = unlabelled_images(path, (height, width), channels=channels)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        for name, reason in report.quarantined:
            typer.echo(f"left out: {path / name}: {reason}", err=True)
        pixels.append(decoded)
        files += names
        if len(files) > MOST_IMAGES:
            raise ValueError(f"Expected at most {MOST_IMAGES} images for one picture. Received: {len(files)} or more.")
    card = getattr(model, "input_card", None)
    known = () if card is None else card.class_names
    classes = known or tuple(f"class {number}" for number in range(model.output_shape[-1]))
    return np.concatenate(pixels).astype("float32"), [Path(file).name for file in files], classes, None


def _windows(model: "keras.Model", data: str, archive: Path | None, count: int) -> Asked:
    """Windows from all of a data set."""
    import numpy as np

    from kerashar.data import load_windows
    from kerashar.training.input_cards import check_fits

    loaded = load_windows(data, archive=archive)
    check_fits(model, loaded)
    if model.output_shape[1:] != (loaded.num_classes,):
        raise ValueError(
            f"Expected a model of {loaded.num_classes} classes for {data}. Received: outputs={model.output_shape}."
        )
    chosen = loaded.select(np.unique(np.linspace(0, len(loaded) - 1, count).astype(int)))
    titles = [
        f"{chosen.recordings[index]} at {chosen.starts[index] / chosen.rate:.1f} s, "
        f"{chosen.class_names[chosen.labels[index]]}"
        for index in range(len(chosen))
    ]
    return chosen.windows, titles, chosen.class_names, chosen.channels
