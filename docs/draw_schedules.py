"""Draw every learning-rate schedule with a warm-up: the picture of docs/training.md.

python docs/draw_schedules.py
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("agg")

from matplotlib import pyplot as plt

from kerashar.choose_backend import choose_backend

choose_backend("torch")

from kerashar.callbacks.plateau import Plateau
from kerashar.schedules import create_schedule, list_schedules

STEPS, WARMUP, EPOCH = 400, 40, 20
COLUMNS = 5
# Which epochs were none the better in the example for plateau, whose course the callback makes.
STALLED = {7, 8, 13, 14}


def main() -> None:
    names = list_schedules()
    rows = -(-len(names) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(11, 2.1 * rows), sharex=True, sharey=True, layout="constrained")
    for name, axis in zip(names, axes.flat, strict=False):
        schedule = create_schedule(name, 1.0, STEPS, warmup_steps=WARMUP)
        rates = np.array([float(schedule(step)) for step in range(STEPS)])
        if name == "plateau":
            rates *= lowered()
        axis.axvspan(0, WARMUP, color="0.92", linewidth=0)
        axis.plot(rates, linewidth=1.6)
        axis.set_title(name, fontsize=10)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_xlim(0, STEPS)
    axes[0, 0].set_ylim(0, 1.08)
    axes[0, 0].set_yticks([0, 0.5, 1])
    figure.supxlabel("step (grey: warm-up)", fontsize=10)
    figure.supylabel("share of the learning rate", fontsize=10)
    folder = Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    figure.savefig(folder / "schedules.png", dpi=110)


def lowered() -> np.ndarray:
    """What `Plateau` makes of a made-up history: a factor for each step."""
    history, factors, score = [], [], 0.0
    for epoch in range(STEPS // EPOCH):
        factors += [0.5 ** Plateau(0.5, 2, history).reductions()] * EPOCH
        score += epoch not in STALLED
        history.append({"val_macro_f1": score, "val_loss": 1.0})
    return np.array(factors)


if __name__ == "__main__":
    main()
