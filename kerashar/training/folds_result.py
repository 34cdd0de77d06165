"""What the folds of a cross-validation give together."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerashar.files import write_atomically, write_csv, write_json
from kerashar.training.confusion import accuracy, macro_f1
from kerashar.training.fold import Fold
from kerashar.training.metrics import Metrics
from kerashar.training.predictions import PREDICTIONS, Predictions
from kerashar.training.subject_bootstrap import sample_interval, subject_interval
from kerashar.training.top_classes import write_top_classes

_FIGURES = {"accuracy": accuracy, "macro_f1": macro_f1}


@dataclass(frozen=True)
class FoldsResult:
    """What the folds of a cross-validation give together.

    Args:
        folds: each fold.
        predictions: logits of every window, by the model of the fold that held its subject out.
        test: figures of the best fold's model on the separate test windows, where they were looked at.
        ensemble: the same of all folds' models together, by the mean of their probabilities.
    """

    folds: list[Fold]
    predictions: Predictions
    test: Metrics | None = None
    ensemble: Metrics | None = None

    @property
    def best_fold(self) -> Fold:
        """The fold with the highest macro F1 on its held-out subjects, of equal ones that with the lower loss."""
        return max(self.folds, key=lambda fold: (fold.held_out.macro_f1, -fold.held_out.loss))

    def summary(self) -> dict[str, dict[str, Any]]:
        """For `accuracy` and `macro_f1`: `mean` and `deviation` over the folds; `pooled` over all windows at once, and
        its 95 % confidence `interval` by bootstrap over subjects; over images that belong to no group, over images."""
        said = self.predictions
        counts = said.counts()
        interval = subject_interval if said.is_grouped else sample_interval
        summary = {}
        for name, figure in _FIGURES.items():
            values = [getattr(fold.held_out, name) for fold in self.folds]
            summary[name] = {
                "mean": float(np.mean(values)),
                "deviation": float(np.std(values, ddof=1)),
                "pooled": float(figure(counts.sum(axis=0))),
                "interval": list(interval(counts, figure)),
            }
        return summary

    def write(self, folder: Path | str) -> None:
        """Write what all folds gave into a folder.

        `folds.json`, `folds.csv`, `folds.png`; `subjects.csv` where there are subjects or groups; and of each window or
        image `predictions.csv`, `predictions.json` and `predictions.npz`.
        """
        folder = Path(folder)
        pooled, summary = self.predictions.metrics(), self.summary()
        note = {
            "summary": summary,
            "best_fold": self.best_fold.number,
            "pooled": pooled.to_json(),
            "folds": [fold.to_json() for fold in self.folds],
        }
        write_json(folder / "folds.json", note)
        write_csv(folder / "folds.csv", self._rows(summary))
        fold_of = {subject: fold.number for fold in self.folds for subject in fold.subjects}
        people = pooled.per_subject.items()
        if people:
            write_csv(
                folder / "subjects.csv", [{"subject": name, "fold": fold_of[name], **row} for name, row in people]
            )
        self._draw(folder / "folds.png", pooled, summary)
        write_top_classes(folder, self.predictions)
        self.predictions.save(folder / PREDICTIONS)  # last: with it all is written

    def held_out(self, fold: Fold) -> str:
        """Who was held out in a fold, in words: the subjects, or how many images."""
        return (
            " ".join(fold.subjects) if self.predictions.is_grouped else f"{len(fold.subjects)} {self.predictions.item}s"
        )

    def _rows(self, summary: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        names = ("accuracy", "macro_f1", "loss", "calibration_error", "brier")
        rows = [
            {
                "fold": fold.number,
                "subjects": self.held_out(fold),
                "windows": fold.held_out.count,
                **{name: getattr(fold.held_out, name) for name in names},
                "val_macro_f1": fold.validation.macro_f1,
                "best_epoch": fold.best_epoch,
                "epochs": len(fold.history),
                "seconds": round(fold.seconds, 2),
            }
            for fold in self.folds
        ]
        over = {
            "mean": {name: part["mean"] for name, part in summary.items()},
            "deviation": {name: part["deviation"] for name, part in summary.items()},
            "pooled": {name: part["pooled"] for name, part in summary.items()},
            "pooled, 2.5 %": {name: part["interval"][0] for name, part in summary.items()},
            "pooled, 97.5 %": {name: part["interval"][1] for name, part in summary.items()},
        }
        return rows + [{**dict.fromkeys(rows[0], ""), "fold": name, **figures} for name, figures in over.items()]

    def _draw(self, path: Path, pooled: Metrics, summary: dict[str, dict[str, Any]]) -> None:
        from matplotlib.figure import Figure  # slow to import, needed only here

        figure = Figure((15, 4.5), layout="constrained")
        epochs, subjects, classes = figure.subplots(1, 3)
        for fold in self.folds:
            scores = [figures["val_macro_f1"] for figures in fold.history]
            (line,) = epochs.plot(range(1, 1 + len(scores)), scores, alpha=0.7, label=f"fold {fold.number}")
            epochs.plot(fold.best_epoch, scores[fold.best_epoch - 1], "o", color=line.get_color())
        epochs.set(
            xlabel="epoch", ylabel="macro F1 on validation subjects", title="Training (o: the epoch that is kept)"
        )
        epochs.xaxis.get_major_locator().set_params(integer=True)
        if len(self.folds) <= 10:
            epochs.legend(fontsize="small")

        rows = pooled.per_subject.items() or [(name, {"accuracy": share}) for name, share in pooled.recall.items()]
        people = sorted((row["accuracy"], name) for name, row in rows)
        subjects.plot(range(len(people)), [100 * share for share, _ in people], "o", color="tab:blue")
        subjects.set_xticks(range(len(people)), [name for _, name in people], rotation=90, fontsize="small")
        low, high = (100 * end for end in summary["accuracy"]["interval"])
        subjects.axhspan(low, high, color="tab:orange", alpha=0.3, label="95 % interval")
        subjects.axhline(100 * pooled.accuracy, color="tab:orange", label="all windows")
        subjects.set(
            xlabel="subject, held out" if pooled.per_subject else "class",
            ylabel="accuracy (%)",
            title=f"Accuracy {pooled.accuracy:.2%}",
        )
        subjects.legend(fontsize="small", loc="lower right")

        counts = np.array(pooled.confusion)
        shares = 100 * counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
        image = classes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        names = self.predictions.class_names.tolist()
        classes.set_xticks(range(len(names)), names, rotation=90, fontsize="small")
        classes.set_yticks(range(len(names)), names, fontsize="small")
        classes.set(xlabel="predicted", ylabel="true", title=f"Macro F1 {pooled.macro_f1:.2%}")
        figure.colorbar(image, ax=classes, label="windows of the class (%)")
        write_atomically(path, lambda temporary: figure.savefig(temporary, dpi=110))
