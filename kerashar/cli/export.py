"""`kerashar export`: a trained model for other programs."""

from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import Backend


def export(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    out: Annotated[
        Path,
        typer.Argument(
            help="What to write: .onnx, .tflite (LiteRT), .xml (OpenVINO), or a folder (a TensorFlow SavedModel)."
        ),
    ],
    stream: Annotated[
        bool, typer.Option("--stream", help="A causal model as an .onnx file that takes a stream in chunks.")
    ] = False,
    chunk: Annotated[int, typer.Option(help="With --stream: how many samples it takes at once.")] = 1,
    backend: Backend = None,
) -> None:
    """Write a model in a format that runs without Keras, once it gives the same logits there.

    The model may come from any backend; exports are written on TensorFlow, in a process of their own.
    """
    from kerashar.cli.options import start_keras

    if chunk != 1 and not stream:
        raise ValueError(f"Expected --chunk with --stream. Received: --chunk {chunk} alone.")
    start_keras(backend)
    from kerashar.export import export_model, export_stream

    difference = export_stream(model, out, chunk) if stream else export_model(model, out)
    typer.echo(f"Written: {out}; its logits are within {difference:.0e} of the model's")
