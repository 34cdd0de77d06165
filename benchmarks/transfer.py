"""What pre-training without labels gains where labels are few: a curve over 1, 5, 25 and 100 % of them.

    python benchmarks/transfer.py --hapt ../shared/data/hapt.zip --spsw ../shared/data/spsw_har.zip --picture curve.png

A backbone is pre-trained once for each task on whole recordings of the training subjects; then each fraction of their
labels trains the same model from there and from fresh weights, with three draws of the labels each, and a linear probe
reads the frozen features. The best epoch is chosen on the same validation subjects everywhere, whose labels are all
known; the test subjects are measured once for each run. Runs that are done stay in the folder.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

from kerashar.choose_backend import choose_backend
from kerashar.memory import keep_memory

FRACTIONS = (0.01, 0.05, 0.25, 1.0)
SEEDS = (0, 1, 2)
LEAST_STEPS = 300  # of a run: few windows are gone through more often
EPOCHS = {"pretraining": 30, "training": 10}
STARTS = ("fresh", "masked", "contrastive")
WAYS = (*STARTS, "probe masked", "probe contrastive")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hapt", type=Path, help="the publisher's archive of HAPT; left out if not given")
    parser.add_argument("--spsw", type=Path, help="the publisher's archive of SP-SW-HAR; left out if not given")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--hidden", type=int, default=32, help="width of the model")
    parser.add_argument("--folder", type=Path, default=Path("runs/transfer"))
    parser.add_argument("--picture", type=Path, help="file to draw the curves into")
    options = parser.parse_args()
    keep_memory()
    choose_backend(options.backend)
    archives = {"hapt": options.hapt, "spsw_har_phone": options.spsw}
    scores = {name: measure(name, archive, options) for name, archive in archives.items() if archive}
    print("| data | way | " + " | ".join(f"{fraction:.0%}" for fraction in FRACTIONS) + " |")
    print("| --- " * (2 + len(FRACTIONS)) + "|")
    for name, table in scores.items():
        for way in WAYS:
            cells = [f"{100 * mean(table[way, part]):.1f} ± {100 * stdev(table[way, part]):.1f}" for part in FRACTIONS]
            print(f"| `{name}` | {way} | {' | '.join(cells)} |")
    if options.picture:
        draw(scores, options.picture)


def measure(name: str, archive: Path, options: argparse.Namespace) -> dict[tuple[str, float], list[float]]:
    """Macro F1 on the test subjects, for each way and fraction one for each seed."""
    from kerashar.models import load_model
    from kerashar.training import Probe, Recipe, pretrain, recipe_split, train, unlabelled_sides
    from kerashar.training.looks import look_at_test, record_look

    folder = options.folder / options.backend / name
    recipe = Recipe(
        model="modern_tcn",
        model_settings={"hidden": options.hidden},
        data=name,
        split_settings={"seed": 0},  # the same validation subjects everywhere
        epochs=EPOCHS["training"],
        batch_size=16,
        patience=10**6,  # none: each has the same number of steps
    )
    split = recipe_split(recipe, archive=archive)
    sides = unlabelled_sides(recipe, archive=archive)
    print(f"{name}: {len(sides.train)} windows without labels, {len(split.train)} with", flush=True)
    backbones = {}
    for task in ("masked", "contrastive"):
        settings = replace(recipe, epochs=EPOCHS["pretraining"], batch_size=128)
        pretrain(settings, sides, folder / task, task)
        backbones[task] = folder / task / "model.keras"
    scores: dict[tuple[str, float], list[float]] = {}
    for fraction in FRACTIONS:
        steps = max(1, round(fraction * len(split.train)) // recipe.batch_size)
        for seed in SEEDS:
            changed = replace(
                recipe,
                seed=seed,
                data_settings={"fraction": fraction},
                epochs=max(EPOCHS["training"], -(-LEAST_STEPS // steps)),
                patience=10**6,
            )
            for way in WAYS:
                run = folder / f"{way}-{fraction}-{seed}".replace(" ", "-")
                if not (run / "test.json").exists():
                    if way.startswith("probe"):
                        backbone = load_model(backbones[way.removeprefix("probe ")])
                        probe = Probe.fit(backbone, split, fraction=fraction, seed=seed)
                        record_look(run, {"test": probe.evaluate(split.test)}, split.test, probe=probe.setting)
                    else:
                        start = None if way == "fresh" else str(backbones[way])
                        result = train(replace(changed, start=start), split, run)
                        look_at_test(run, result.model, split.test, recipe=changed)
                figures = json.loads((run / "test.json").read_text(encoding="utf-8"))["test"]
                scores.setdefault((way, fraction), []).append(figures["macro_f1"])
                print(f"{name}, {fraction:.0%}, seed {seed}, {way}: {figures['macro_f1']:.2%}", flush=True)
    return scores


def draw(scores: dict[str, dict[tuple[str, float], list[float]]], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    colours = {"fresh": "#888888", "masked": "#1f77b4", "contrastive": "#d95f02"}
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    axes = figure.subplots(1, len(scores), sharey=True, squeeze=False)[0]
    places = range(len(FRACTIONS))
    for axis, (name, table) in zip(axes, scores.items(), strict=True):
        for way in WAYS:
            parts = [table[way, fraction] for fraction in FRACTIONS]
            axis.errorbar(
                places,
                [100 * mean(part) for part in parts],
                [100 * stdev(part) for part in parts],
                label=way,
                color=colours[way.removeprefix("probe ")],
                linestyle="--" if way.startswith("probe") else "-",
                marker="o",
                markersize=4,
                capsize=2,
            )
        axis.set_title(name)
        axis.set_xticks(places, [f"{fraction:.0%}" for fraction in FRACTIONS])
        axis.set_xlabel("share of the labels")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("macro F1 on test subjects (%)")
    axes[-1].legend(loc="lower right", fontsize=8)
    FigureCanvasAgg(figure).print_figure(path, dpi=110)


if __name__ == "__main__":
    main()
