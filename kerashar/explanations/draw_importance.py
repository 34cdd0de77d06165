"""The picture of what a model loses without some of its channels."""

from pathlib import Path

from kerashar.explanations.importance import Importance
from kerashar.files import write_atomically

TITLES = {"accuracy": "accuracy lost", "macro_f1": "macro F1 lost", "loss": "cross-entropy gained"}


def draw_importance(importance: Importance, path: Path | str) -> None:
    """Draw a bar for each group of channels and figure, with its deviation, and write the picture atomically.

    Args:
        importance: from `channel_importance`.
        path: the file; its suffix says which format, such as `.png`.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> reached = {"accuracy": 0.9, "macro_f1": 0.9, "loss": 0.3}
        >>> importance = Importance(("wrist",), reached, {name: np.array([[0.2, 0.4]]) for name in reached})
        >>> file = Path(tempfile.mkdtemp()) / "bars.png"
        >>> draw_importance(importance, file)
        >>> file.exists()
        True
    """
    from matplotlib.figure import Figure  # slow to import, needed only here

    figure = Figure(figsize=(9.0, 0.8 + 0.28 * len(importance.groups)), layout="constrained")
    axes = figure.subplots(1, len(importance.drops), sharey=True)
    for axis, (name, drops) in zip(axes, importance.drops.items(), strict=True):
        axis.barh(importance.groups, drops.mean(axis=1), xerr=drops.std(axis=1), color="tab:orange", ecolor="0.3")
        axis.axvline(0, color="0.3", linewidth=0.8)
        axis.set_title(f"{TITLES[name]}, of {importance.reached[name]:.3g}", fontsize=9, loc="left")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].invert_yaxis()  # the first on top
    write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=100))
