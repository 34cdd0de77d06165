"""`kerashar models`: which models there are, and what they cost."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from kerashar.models.model_card import InputKind


def models(
    patterns: Annotated[list[str] | None, typer.Argument(help="Only names that match, such as '*tcn'.")] = None,
    takes: Annotated[
        Literal["signals", "images"] | None, typer.Option(help="Only models for signals, or for images.")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Sampling rate in Hz: receptive fields in seconds too.")] = None,
    window: Annotated[
        float | None, typer.Option(help="Length of the window in seconds: the depth that fits it; needs --rate.")
    ] = None,
    benchmark: Annotated[
        bool, typer.Option("--benchmark", help="Measure work, time and memory instead, each model in its own process.")
    ] = False,
    size: Annotated[
        list[str] | None,
        typer.Option(help="To measure at: 64x48 pixels, or 128x9 samples and channels; may be repeated."),
    ] = None,
    classes: Annotated[int, typer.Option(help="To measure with.")] = 6,
    run: Annotated[
        list[Path] | None, typer.Option(help="Run folder of a trained model to measure; may be repeated.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Where the figures go.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Where a picture of the figures goes.")] = None,
) -> None:
    """List the models with their size, receptive field and origin, and the depth that fits a window; or measure."""
    from kerashar.cli.options import start_keras

    for option, value in (("--rate", rate), ("--window", window)):
        if value is not None and not value > 0:
            raise ValueError(f"Expected {option} above 0. Received: {option} {value:g}.")
    if window is not None and rate is None:
        raise ValueError("Expected --rate with --window, since a model counts samples. Received: --window alone.")
    if benchmark and rate is not None:
        raise ValueError("Expected --rate or --benchmark. Received: both.")
    if not benchmark and (size or run or csv or picture):
        raise ValueError("Expected --benchmark with --size, --run, --csv or --picture. Received: none.")
    start_keras(None)
    if not benchmark:
        _list(_matching(patterns or ["*"], takes), rate, window)
        return
    from kerashar.cli.model_costs import show_costs

    names = [] if run and not patterns else _matching(patterns or ["*"], takes)
    show_costs(names, size or [], classes, run or [], csv, picture)


def _matching(patterns: list[str], takes: "InputKind | None") -> list[str]:
    from kerashar.models import list_models

    names = [name for pattern in patterns for name in list_models(pattern, takes)]
    if not names:
        raise ValueError(
            f"Expected a pattern that matches a model{f' for {takes}' if takes else ''}. "
            f"Received: {' '.join(patterns)!r}. Known: {', '.join(list_models())}."
        )
    return list(dict.fromkeys(names))


def _list(names: list[str], rate: float | None, window: float | None) -> None:
    from rich.console import Console
    from rich.table import Table

    from kerashar.models import model_card

    console = Console()
    table = Table("name", "parameters", "receptive field", title="Models")
    if window is not None:
        table.add_column(f"for {window:g} s at {rate:g} Hz")
    for column in ("causal", "when to use it", "paper"):
        table.add_column(column)
    with console.status("Models") as status:
        for name in names:
            status.update(f"Models: {name}")
            card = model_card(name)
            row = [name, f"{card.parameters:,}", _field(card.receptive_field, rate)]
            if window is not None and rate is not None:
                row.append(_depth(name, window, rate))
            table.add_row(*row, "yes" if card.causal else "no", card.summary, card.paper)
    console.print(table)


def _field(samples: int | None, rate: float | None) -> str:
    if samples is None:
        return "none"
    return f"{samples} samples" + (f" = {samples / rate:.2f} s" if rate else "")


def _depth(name: str, window: float, rate: float) -> str:
    from kerashar.models import model_card, suggest_depth

    setting = model_card(name).depth
    if setting is None:
        return "no setting"
    try:
        return f"{setting}={suggest_depth(window, rate, name)}"
    except ValueError:  # no depth fits; the table says so and goes on
        return "no depth fits"
