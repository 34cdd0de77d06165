"""`kerashar runs list`: which runs there are, and what came of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from kerashar.runs import Run


def list_(
    folder: Annotated[Path, typer.Argument(help="Where the runs are.")] = Path("runs"),
    kind: Annotated[
        Literal["training", "fine-tuning", "pretraining", "cross-validation", "search", "study"] | None,
        typer.Option(help="Only runs of this kind."),
    ] = None,
    sort: Annotated[
        Literal["score", "time", "size", "name"], typer.Option(help="The best, latest or largest first; or by name.")
    ] = "time",
    csv: Annotated[Path | None, typer.Option(help="Write the table to this file, too.")] = None,
) -> None:
    """List the runs below a folder, with the figures they have on record; no model and no data is looked at.

    The score is macro F1 on the validation subjects in the best epoch; of a cross-validation that of all held out.
    """
    from rich.console import Console

    from kerashar.files import write_csv
    from kerashar.runs import find_runs

    found = _sorted([run for run in find_runs(folder) if kind in (None, run.kind)], sort)
    console = Console(highlight=False)
    if not found:
        console.print(f"No runs in {folder}.", markup=False)
        return
    console.print(_table(found))
    for run in found:
        if run.damage:
            console.print(f"{run.name} is damaged: {run.damage}", style="yellow", markup=False, soft_wrap=True)
    if csv:
        write_csv(csv, [_row(run) for run in found])
        console.print(f"Written: {csv}", markup=False, soft_wrap=True)


def size_text(size: int) -> str:
    """A number of bytes as a table shows it."""
    for unit, bytes_each in (("GB", 1e9), ("MB", 1e6)):
        if size >= bytes_each:
            return f"{size / bytes_each:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _sorted(found: "list[Run]", sort: str) -> "list[Run]":
    match sort:
        case "score":
            return sorted(found, key=lambda run: -1.0 if run.score is None else run.score, reverse=True)
        case "time":
            return sorted(found, key=lambda run: run.written, reverse=True)
        case "size":
            return sorted(found, key=lambda run: run.size, reverse=True)
        case _:
            return sorted(found, key=lambda run: run.name)


def _table(found: "list[Run]") -> Any:
    from datetime import datetime

    from rich.markup import escape
    from rich.table import Table

    from kerashar.runs.comparison import percent

    # Two lines for each run, because one is wider than most terminals.
    table = Table(
        title=f"{len(found)} runs" if len(found) > 1 else "1 run",
        caption="score: validation macro F1; test: accuracy, macro F1",
        show_lines=True,
    )
    for name in ("name\nkind, state", "model\ndata, backend", "done"):
        table.add_column(name, overflow="fold")
    for name in ("score", "test", "written\nsize"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in found:
        source = ", ".join(filter(None, (run.data, run.backend)))
        looks = f"\n{run.looks} looks" if run.looks > 1 else ""
        table.add_row(
            escape(f"{run.name}\n{run.kind}, {run.state}"),
            escape(f"{run.model}\n{source}"),
            "\n".join(run.progress.rsplit(" ", 1)),
            percent(run.score),
            f"{percent(run.test.get('accuracy'))}\n{percent(run.test.get('macro_f1'))}{looks}",
            f"{datetime.fromtimestamp(run.written):%Y-%m-%d\n%H:%M}, {size_text(run.size)}",
        )
    return table


def _row(run: "Run") -> dict[str, Any]:
    from datetime import UTC, datetime

    names = ("name", "kind", "state", "damage", "model", "data", "backend", "done", "planned")
    return {
        **{name: getattr(run, name) for name in names},
        "score": "" if run.score is None else run.score,
        "test_accuracy": run.test.get("accuracy", ""),
        "test_macro_f1": run.test.get("macro_f1", ""),
        "looks_at_test": run.looks,
        "written": datetime.fromtimestamp(run.written, UTC).isoformat(timespec="seconds"),
        "bytes": run.size,
    }
