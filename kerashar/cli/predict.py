"""`kerashar predict`: what a model says of a data set, or of images."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerashar.cli.options import DATA, Archive, Backend

if TYPE_CHECKING:
    import keras
    import numpy as np

# For each window or image where it lies; them; and what the classes are called.
Asked = tuple[list[dict[str, Any]], "np.ndarray", tuple[str, ...]]


def predict(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    data: Annotated[str, typer.Option("--data", help=f"{DATA} Images need no labels.")],
    archive: Archive = None,
    backend: Backend = None,
    subject: Annotated[str | None, typer.Option(help="Only this subject's windows.")] = None,
    top: Annotated[int, typer.Option(help="How many of the likeliest classes to give with their probabilities.")] = 1,
    view: Annotated[
        list[str] | None,
        typer.Option(help="Average over images that are mirrored (flip) or moved (shift); may be repeated."),
    ] = None,
    sample: Annotated[
        Path | None, typer.Option(help="CSV of names and labels, whose header and order --out gets, a .csv file.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write, by its suffix .jsonl, .csv or .parquet; else they are printed.")
    ] = None,
) -> None:
    """Predict the class of each window or image: where it lies, its label and confidence, and the likeliest classes."""
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.models import load_model
    from kerashar.prediction import predict_views
    from kerashar.prediction.write_rows import write_rows
    from kerashar.training import predict_logits
    from kerashar.training.submission import write_submission
    from kerashar.training.top_classes import flat_top, top_classes

    loaded = load_model(model)
    of_images = len(loaded.input_shape) == 4
    if sample is not None and (out is None or not of_images):
        raise ValueError("Expected --out and a model of images with --sample. Received: windows, or no --out.")
    if view and not of_images:
        raise ValueError(f"Expected a model of images with --view. Received: {model}, a model of windows.")
    if of_images and (archive or subject):
        raise ValueError("Expected --archive and --subject with a model of windows. Received: a model of images.")
    places, samples, class_names = _images(loaded, data) if of_images else _windows(loaded, data, archive, subject)
    logits = predict_views(loaded, samples, view) if view else predict_logits(loaded, samples)
    if logits.shape[1] != len(class_names):
        has = f"{model}, which has {logits.shape[1]}"
        raise ValueError(f"Expected a model of {len(class_names)} classes for {data}. Received: {has}.")
    records = [
        {**place, **_said(classes, top)}
        for place, classes in zip(places, top_classes(logits, class_names, top), strict=True)
    ]
    if out is None:
        for record in records:
            typer.echo(json.dumps(record))
        return
    if sample is not None:
        write_submission(sample, out, {record["name"]: record["label"] for record in records})
    else:
        write_rows(out, records if out.suffix == ".jsonl" else [flat_top(record) for record in records])
    typer.echo(f"{len(records)} {'images' if of_images else 'windows'} written to {out}")


def _windows(model: "keras.Model", data: str, archive: Path | None, subject: str | None) -> Asked:
    from kerashar.data import load_windows
    from kerashar.names import unknown_name
    from kerashar.training.input_cards import check_fits

    windows = load_windows(data, archive=archive)
    check_fits(model, windows)
    if subject is not None:
        if subject not in windows.subjects:
            raise unknown_name("subject", subject, set(windows.subjects.tolist()))
        windows = windows.of_groups([subject])
    places = [
        {
            "recording": str(windows.recordings[index]),
            "subject": str(windows.subjects[index]),
            "seconds": round(float(windows.starts[index] / windows.rate), 3),
        }
        for index in range(len(windows))
    ]
    return places, windows.windows, windows.class_names


def _images(model: "keras.Model", data: str) -> Asked:
    from kerashar.data.images import load_images, unlabelled_images

    height, width, channels = model.input_shape[1:]
    card = getattr(model, "input_card", None)
    if Path(data).suffix == ".npy":
        decoded = load_images(data)
        pixels, names, class_names = decoded.images, decoded.names.tolist(), decoded.class_names
    else:
        pixels, names, report = unlabelled_images(data, (height, width), channels=channels)
        for name, reason in report.quarantined:
            typer.echo(f"left out: {name}: {reason}", err=True)
        class_names = ()
    class_names = class_names if card is None else card.class_names
    if not class_names:
        raise ValueError("Expected a model that kerashar has trained, whose file names its classes. Received: another.")
    return [{"name": name} for name in names], pixels, class_names


def _said(classes: dict[str, float], top: int) -> dict[str, Any]:
    label = next(iter(classes))
    said = {"label": label, "confidence": round(classes[label], 4)}
    return said if top == 1 else {**said, "top": classes}
