"""`kerashar probe`: what the features of a trained model are worth."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import Archive, Backend, Data


def probe(
    model: Annotated[Path, typer.Argument(help="A .keras file; its head, if it has one, is left out.")],
    data: Data,
    archive: Archive = None,
    backend: Backend = None,
    kind: Annotated[
        Literal["linear", "neighbours"], typer.Option(help="Logistic regression, or nearest neighbours.")
    ] = "linear",
    fraction: Annotated[float, typer.Option(help="Share of the training windows to fit on.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed that drew the validation subjects in training.")] = 0,
    test: Annotated[bool, typer.Option("--test", help="Look at the test windows too; each look is recorded.")] = False,
) -> None:
    """Fit a simple classifier on a frozen model's features, and measure it on the validation windows."""
    from rich.console import Console

    from kerashar.cli.options import start_keras

    start_keras(backend)

    from kerashar.data import load_split
    from kerashar.models import load_model
    from kerashar.training import Probe
    from kerashar.training.looks import record_look

    loaded = load_model(model)
    split = load_split(data, archive=archive, seed=seed)
    fitted = Probe.fit(loaded, split, kind, fraction, seed)
    console = Console(soft_wrap=True)
    chosen = f"C={fitted.setting:g}" if kind == "linear" else f"{fitted.setting:g} neighbours"
    console.print(
        f"{kind} probe of {fraction:.0%} of {len(split.train)} windows, {chosen}: validation accuracy "
        f"{fitted.validation.accuracy:.2%}, macro F1 {fitted.validation.macro_f1:.2%}"
    )
    if test:
        figures = fitted.evaluate(split.test)
        record_look(model.parent, {"test": figures}, split.test, probe=kind, setting=fitted.setting, model=str(model))
        console.print(
            f"test accuracy {figures.accuracy:.2%}, macro F1 {figures.macro_f1:.2%} on {figures.count} windows of "
            "subjects not seen in training"
        )
