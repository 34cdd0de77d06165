"""A picture of a search."""

from collections.abc import Iterable
from pathlib import Path

from kerashar.files import write_atomically
from kerashar.search.history import FAILED, STOPPED, TrialRecord

COLUMNS = 3


def draw_search(trials: Iterable[TrialRecord], path: Path) -> None:
    """Draw each trial's validation macro F1 over epochs, and its score against each varying setting."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    scored = [trial for trial in trials if trial.reports and trial.status != FAILED]
    best = max(scored, key=lambda trial: trial.score or 0.0, default=None)
    names = dict.fromkeys(name for trial in scored for name in trial.settings)
    varying = [name for name in names if len({str(trial.settings.get(name)) for trial in scored}) > 1]
    rows = -(-(1 + len(varying)) // COLUMNS)
    figure = Figure(figsize=(4.2 * COLUMNS, 3.6 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False).ravel()
    for axis in axes[1 + len(varying) :]:
        axis.remove()

    for trial in scored:
        epochs = [report["epoch"] for report in trial.reports]
        scores = [report["val_macro_f1"] for report in trial.reports]
        style = (
            {"color": "tab:orange", "linewidth": 2.5, "zorder": 3}
            if trial is best
            else {"color": "tab:blue", "alpha": 0.5}
        )
        axes[0].plot(epochs, scores, marker="x" if trial.status == STOPPED else "o", markevery=[-1], **style)
    axes[0].set(
        xlabel="epoch",
        ylabel="validation macro F1",
        title=f"{len(scored)} trials (x: stopped early; orange: best)",
    )

    for axis, name in zip(axes[1:], varying, strict=False):
        having = [trial for trial in scored if name in trial.settings]  # another model may have no such setting
        values = [trial.settings[name] for trial in having]
        numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        order = sorted({str(value) for value in values})
        places = values if numeric else [order.index(str(value)) for value in values]
        colors = ["tab:orange" if trial is best else "tab:blue" for trial in having]
        axis.scatter(places, [trial.score for trial in having], c=colors)
        if not numeric:
            axis.set_xticks(range(len(order)), order)
        elif min(values) > 0 and max(values) / min(values) > 20:
            axis.set_xscale("log")
        axis.set(xlabel=name.split(".")[-1].replace("_", " "))
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=110))
