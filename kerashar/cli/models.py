"""`kerashar models`: which models there are."""

from typing import Annotated

import typer


def models(
    pattern: Annotated[str, typer.Argument(help="Only names that match, such as '*tcn'.")] = "*",
    rate: Annotated[float | None, typer.Option(help="Sampling rate in Hz: receptive fields in seconds too.")] = None,
    window: Annotated[
        float | None, typer.Option(help="Length of the window in seconds: the depth that fits it; needs --rate.")
    ] = None,
) -> None:
    """List the models with their size, receptive field and origin, and the depth that fits a window."""
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    for option, value in (("--rate", rate), ("--window", window)):
        if value is not None and not value > 0:
            raise ValueError(f"Expected {option} above 0. Received: {option} {value:g}.")
    if window is not None and rate is None:
        raise ValueError("Expected --rate with --window, since a model counts samples. Received: --window alone.")
    start_keras(None)
    from kerashar.models import list_models, model_card

    names = list_models(pattern)
    if not names:
        raise ValueError(
            f"Expected a pattern that matches a model. Received: {pattern!r}. Known: {', '.join(list_models())}."
        )
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
