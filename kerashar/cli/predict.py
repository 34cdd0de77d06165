"""`kerashar predict`: activities in windows of a data set."""

import json
from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import Archive, Backend, Data


def predict(
    model: Annotated[Path, typer.Argument(help="A .keras file.")],
    data: Data,
    archive: Archive = None,
    backend: Backend = None,
    subject: Annotated[str | None, typer.Option(help="Only this subject's windows.")] = None,
    out: Annotated[Path | None, typer.Option(help="File of JSON lines; otherwise they are printed.")] = None,
) -> None:
    """Predict the activity in each window: JSON lines with recording, time, label and confidence."""
    from kerashar.cli.options import start_keras

    start_keras(backend)
    import numpy as np

    from kerashar.data import load_windows
    from kerashar.files import write_atomically
    from kerashar.models import load_model
    from kerashar.names import unknown_name
    from kerashar.training import predict_logits

    loaded = load_model(model)
    windows = load_windows(data, archive=archive)
    if subject is not None:
        if subject not in windows.subjects:
            raise unknown_name("subject", subject, set(windows.subjects.tolist()))
        windows = windows.select(windows.subjects == subject)
    logits = predict_logits(loaded, windows.windows).astype(np.float64)
    if logits.shape[1] != windows.num_classes:
        raise ValueError(
            f"Expected a model of {windows.num_classes} classes for {data}. "
            f"Received: {model}, which has {logits.shape[1]}."
        )
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    lines = [
        json.dumps(
            {
                "recording": str(windows.recordings[index]),
                "subject": str(windows.subjects[index]),
                "seconds": round(float(windows.starts[index] / windows.rate), 3),
                "label": windows.class_names[share.argmax()],
                "confidence": round(float(share.max()), 4),
            }
        )
        for index, share in enumerate(shares)
    ]
    text = "\n".join(lines) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(out, lambda temporary: temporary.write_text(text, encoding="utf-8"))
        typer.echo(f"{len(lines)} windows written to {out}")
