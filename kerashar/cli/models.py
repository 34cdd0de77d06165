"""`kerashar models`: which models there are."""

from typing import Annotated

import typer


def models(
    pattern: Annotated[str, typer.Argument(help="Only names that match, such as '*tcn'.")] = "*",
) -> None:
    """List the models with their size, receptive field and origin."""
    from rich.console import Console
    from rich.table import Table

    from kerashar.cli.options import start_keras

    start_keras(None)
    from kerashar.models import list_models, model_card

    names = list_models(pattern)
    if not names:
        raise ValueError(
            f"Expected a pattern that matches a model. Received: {pattern!r}. Known: {', '.join(list_models())}."
        )
    table = Table("name", "parameters", "receptive field", "causal", "when to use it", "paper", title="Models")
    for name in names:
        card = model_card(name)
        field = "none" if card.receptive_field is None else f"{card.receptive_field} samples"
        causal = "yes" if card.causal else "no"
        table.add_row(name, f"{card.parameters:,}", field, causal, card.summary, card.paper)
    Console().print(table)
