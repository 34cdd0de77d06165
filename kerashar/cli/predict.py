"""`kerashar predict`: what a model says of a data set."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerashar.cli.options import Archive, Backend, Data

if TYPE_CHECKING:
    from kerashar.data import WindowSet
    from kerashar.data.images import ImageSet


def predict(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    data: Data,
    archive: Archive = None,
    backend: Backend = None,
    subject: Annotated[str | None, typer.Option(help="Only this subject's windows, or this group's images.")] = None,
    top: Annotated[int, typer.Option(help="How many of the likeliest classes to give with their probabilities.")] = 1,
    sample: Annotated[
        Path | None, typer.Option(help="CSV of names and labels, whose header and order --out gets, a .csv file.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="File of JSON lines, or with the suffix .csv a table; otherwise they are printed."),
    ] = None,
) -> None:
    """Predict the class of each window or image: where it lies, its label and confidence, and the likeliest classes."""
    from kerashar.cli.options import start_keras

    start_keras(backend)
    from kerashar.files import write_atomically, write_csv
    from kerashar.models import load_model
    from kerashar.names import unknown_name
    from kerashar.training import predict_logits
    from kerashar.training.recipe_data import model_recipe, recipe_samples
    from kerashar.training.submission import write_submission
    from kerashar.training.top_classes import flat_top, top_classes

    loaded = load_model(model)
    samples = recipe_samples(model_recipe(model, loaded, data), archive=archive)
    if subject is not None:
        if subject not in samples.groups:
            raise unknown_name(samples.group, subject, set(samples.groups.tolist()))
        samples = samples.of_groups([subject])
    logits = predict_logits(loaded, samples.samples)
    if logits.shape[1] != samples.num_classes:
        raise ValueError(
            f"Expected a model of {samples.num_classes} classes for {data}. "
            f"Received: {model}, which has {logits.shape[1]}."
        )
    records = [
        {**_place(samples, index), **_said(classes, top)}
        for index, classes in enumerate(top_classes(logits, samples.class_names, top))
    ]
    if sample is not None:
        if out is None or not hasattr(samples, "names"):
            raise ValueError("Expected --out and images with --sample. Received: windows, or no --out.")
        write_submission(sample, out, {record["name"]: record["label"] for record in records})
    elif out is not None and out.suffix == ".csv":
        write_csv(out, [flat_top(record) for record in records])
    elif out is not None:
        text = "".join(json.dumps(record) + "\n" for record in records)
        write_atomically(out, lambda temporary: temporary.write_text(text, encoding="utf-8"))
    else:
        for record in records:
            typer.echo(json.dumps(record))
        return
    typer.echo(f"{len(records)} {samples.item}s written to {out}")


def _place(samples: "WindowSet | ImageSet", index: int) -> dict[str, Any]:
    from kerashar.data import WindowSet

    if not isinstance(samples, WindowSet):
        return {"name": str(samples.names[index])}
    return {
        "recording": str(samples.recordings[index]),
        "subject": str(samples.subjects[index]),
        "seconds": round(float(samples.starts[index] / samples.rate), 3),
    }


def _said(classes: dict[str, float], top: int) -> dict[str, Any]:
    label = next(iter(classes))
    said = {"label": label, "confidence": round(classes[label], 4)}
    return said if top == 1 else {**said, "top": classes}
