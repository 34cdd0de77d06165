"""`kerashar compare`: whether one recipe is better than another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from kerashar.training.paired_comparison import PairedComparison

ALPHA = 0.05  # usual bound of a p-value


def compare(
    first: Annotated[Path, typer.Argument(help="Run folder of a cross-validation.")],
    second: Annotated[Path, typer.Argument(help="Another, on the same windows.")],
    figure: Annotated[
        Literal["accuracy", "macro_f1"], typer.Option(help="What is compared, within each subject.")
    ] = "accuracy",
    picture: Annotated[
        Path | None, typer.Option(help="Where the picture goes; otherwise into the second folder.")
    ] = None,
) -> None:
    """Compare two cross-validations on the same windows, paired by subject."""
    from rich.console import Console

    from kerashar.training.paired_comparison import compare_runs

    comparison = compare_runs(first, second, figure)
    picture = picture or second / f"compared_with_{first.resolve().name}.png"
    comparison.draw(picture)
    console = Console(soft_wrap=True)
    console.print(_table(comparison, str(first), str(second)))
    low, high = comparison.interval
    console.print(
        f"second minus first: {100 * comparison.difference:+.2f} points, 95 % interval {100 * low:+.2f} to "
        f"{100 * high:+.2f}; sign-flip p = {comparison.p_value:.3g}, Wilcoxon p = {comparison.wilcoxon_p_value:.3g}, "
        f"{len(comparison.subjects)} subjects"
    )
    if comparison.smallest_p_value > ALPHA:
        console.print(
            f"So few subjects can't show a difference: p is at least {comparison.smallest_p_value:.3g} whatever the "
            "runs."
        )
    console.print(f"Picture: {picture}", markup=False)


def _table(comparison: "PairedComparison", first: str, second: str) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    title = f"{comparison.figure.replace('_', ' ')} of each subject"
    table = Table("subject", escape(first), escape(second), "difference (points)", title=title)
    rows = zip(comparison.subjects, comparison.first, comparison.second, comparison.differences, strict=True)
    for subject, before, after, difference in rows:
        table.add_row(escape(subject), f"{before:.2%}", f"{after:.2%}", f"{100 * difference:+.2f}")
    return table
