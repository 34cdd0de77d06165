"""`kerashar baseline`: what a network has to beat."""

from typing import Annotated

import typer

from kerashar.cli.options import Archive, Data


def baseline(
    name: Annotated[str, typer.Argument(help="Baseline, such as handcrafted_boosting.")],
    data: Data,
    archive: Archive = None,
    seed: Annotated[int, typer.Option(help="Seed of the classifier.")] = 0,
) -> None:
    """Fit a classifier of scikit-learn on features of the training subjects and test it once."""
    from rich.console import Console

    from kerashar.baselines import create_baseline, evaluate_baseline
    from kerashar.data import load_split

    console = Console(soft_wrap=True)
    create_baseline(name, sampling_rate=1.0)  # an unknown name is told before the data is read
    split = load_split(data, archive=archive, seed=seed)
    with console.status(f"{name}: {len(split.train) + len(split.validation)} windows to train"):
        test = evaluate_baseline(name, split, seed)
    console.print(
        f"test accuracy {test.accuracy:.2%}, macro F1 {test.macro_f1:.2%} on {test.count} windows of subjects not "
        "seen in training"
    )
