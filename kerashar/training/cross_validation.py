"""Training a recipe once for each group of subjects, who are held out."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np
from rich.console import Console

from kerashar.callbacks import ProgressBar, create_logs
from kerashar.data.disjoint_split import DisjointSplit
from kerashar.data.group_split import rebuild, split_by_group
from kerashar.data.sample_set import SampleSet
from kerashar.data.splits import draw_folds
from kerashar.files import write_json
from kerashar.models import Ensemble, load_model, save_model
from kerashar.training.evaluation import evaluate, predict_logits
from kerashar.training.fold import Fold
from kerashar.training.folds_result import FoldsResult
from kerashar.training.looks import looks_at, record_look, write_test_note
from kerashar.training.metrics import Metrics
from kerashar.training.predictions import PREDICTIONS, Predictions
from kerashar.training.recipe import Recipe
from kerashar.training.run import train
from kerashar.training.sides import Sides

Folds = int | Literal["leave_one_subject_out"]
People = dict[str, list[str]]  # the subjects of each side of a fold


def cross_validate(
    recipe: Recipe,
    samples: SampleSet | DisjointSplit,
    folder: Path | str,
    folds: Folds = 5,
    *,
    seed: int = 0,
    stratify: bool = False,
    test: bool = False,
    logs: Sequence[str] = (),
    callbacks: Sequence[keras.callbacks.Callback] = (),
    console: Console | None = None,
) -> FoldsResult:
    """Train a recipe on each fold's subjects and measure it on those that the fold holds out.

    Use it to report how well a recipe does on new people, with how much it varies, and to choose between recipes with
    `compare_runs`: each subject is predicted by a model that never saw them. The folds and the draw of their
    validation subjects follow from the subjects and `seed` alone, so that two recipes share them.

    A run that was killed goes on in the middle of its fold and repeats nothing; a finished one is only read again.

    Args:
        recipe: the settings of each fold's run.
        samples: all windows or images; or a split, whose training and validation sides are folded and whose test side
            stays out of it. Images are held out by their groups.
        folder: run folder. Each fold has a folder in it, such as `fold_1`, with what `train` writes, `fold.json`, and
            of the held-out windows `predictions.npz` and `test.csv`. Beside them are `recipe.json`, the subjects of
            each fold in `cross_validation.json`, and of all folds together `folds.json`, `folds.csv`, `subjects.csv`,
            `folds.png` and `predictions.npz`.
        folds: how many, or `"leave_one_subject_out"`. Defaults to 5.
        seed: of the folds and their validation subjects. Defaults to 0.
        stratify: put subjects together so that each fold has about the same share of each class; see `subject_folds`.
        test: look at the split's test windows once all folds are done, with the best fold's model and with all folds'
            models together, saved as `best_fold.keras` and `ensemble.keras`. It is the last thing to do with a recipe,
            and may be asked for later in the same folder; the look is recorded as by `look_at_test`.
        logs: further logs of each fold and of the test figures, from `kerashar.callbacks.list_logs()`.
        callbacks: further Keras callbacks for each fold's training.
        console: where progress is shown; None shows none.

    Raises:
        ValueError: too few subjects for the folds, a fold whose sides share something, a folder that holds another
            cross-validation, `test` without a split, or what `train` refuses.
        OSError: the folder can't be written.

    Example:
        >>> from kerashar import Recipe, load_split  # doctest: +SKIP
        >>> result = cross_validate(Recipe(), load_split("hapt"), "runs/folds")  # doctest: +SKIP
        >>> result.summary()["accuracy"]["interval"]  # doctest: +SKIP

    Reference:
        Bragança et al., "How Validation Methodology Influences Human Activity Recognition Mobile Systems", 2022: folds
        that share subjects promise far too much. Here all folds are by subject.
    """
    folder, console = Path(folder), console or Console(quiet=True)
    split = samples if isinstance(samples, DisjointSplit) else None
    if test and split is None:
        raise ValueError(
            f"Expected a split to look at its test side. Received: test=True and a {type(samples).__name__}."
        )
    everyone = _joined(samples.train, samples.validation) if isinstance(samples, DisjointSplit) else samples
    people = _draw(everyone, folds, seed, stratify)
    folders = [folder / f"fold_{number}" for number in range(1, len(people) + 1)]
    with console.status("checking that the sides of each fold share nothing"):
        for sides, own_folder in zip(people, folders, strict=True):
            if not (own_folder / "fold.json").exists():  # refused now, not after hours of training
                split_by_group(everyone, sides, split and split.allow_leakage)
    _claim(folder, recipe, everyone, people)
    done, whom = [], everyone.group if everyone.is_grouped else everyone.item
    for number, (sides, own_folder) in enumerate(zip(people, folders, strict=True), start=1):
        fold = _read_fold(own_folder)
        if fold is None:
            fold = _train_fold(recipe, everyone, sides, number, own_folder, logs, callbacks, console)
        done.append(fold)
        console.print(
            f"fold {number} of {len(people)}, {len(fold.subjects)} {whom}s held out: accuracy "
            f"{fold.held_out.accuracy:.2%}, macro F1 {fold.held_out.macro_f1:.2%}, best epoch {fold.best_epoch} of "
            f"{len(fold.history)}, {fold.seconds:.0f} s"
        )
    result = FoldsResult(done, _out_of_fold(everyone, done, folders))
    if not (folder / PREDICTIONS).exists():  # what `write` writes last
        result.write(folder)
    if split is None or not test:
        return result
    figures = _test(result, recipe, split, folder, folders, logs)
    return replace(result, **figures)


def _draw(samples: SampleSet, folds: Folds, seed: int, stratify: bool) -> list[People]:
    """The subjects of each side of each fold; they follow from subjects and labels."""
    if folds == "leave_one_subject_out":
        folds = len(set(samples.groups.tolist()))
    elif not isinstance(folds, int):
        raise ValueError(f"Expected folds as a number or 'leave_one_subject_out'. Received: folds={folds!r}.")
    drawn = draw_folds(samples, folds, seed=seed, stratify=stratify)
    return [{side: sorted(subjects) for side, subjects in sides.items()} for sides in drawn]


def _claim(folder: Path, recipe: Recipe, samples: SampleSet, people: list[People]) -> None:
    """Write down what the folder's cross-validation is made of, or find that it is this one."""
    path = folder / "cross_validation.json"
    ours = {
        "recipe": recipe.changed(),
        "data": samples.fingerprint(),
        "backend": keras.backend.backend(),
        "folds": people,
    }
    if not path.exists():
        write_json(folder / "recipe.json", recipe.to_json())
        write_json(path, ours)
        return
    theirs = json.loads(path.read_text(encoding="utf-8"))
    if changed := [name for name in ours if theirs.get(name) != ours[name]]:
        raise ValueError(
            f"Expected {folder} to hold this cross-validation. Received: one with another {', '.join(changed)}. "
            "Choose a new folder, or delete that one to start again."
        )


def _train_fold(
    recipe: Recipe,
    samples: SampleSet,
    people: People,
    number: int,
    folder: Path,
    logs: Sequence[str],
    callbacks: Sequence[keras.callbacks.Callback],
    console: Console,
) -> Fold:
    parts = {side: samples.of_groups(subjects) for side, subjects in people.items()}
    sides, held_out = Sides(parts["train"], parts["validation"]), parts["test"]
    with ExitStack() as open_logs:
        made = create_logs(logs, folder, recipe, sides.validation.samples[:8])
        records = [open_logs.enter_context(log) for log in made]
        with ProgressBar(recipe.epochs, console) as bar:
            result = train(recipe, sides, folder, callbacks=[bar, *records, *callbacks])
        predictions = Predictions.of(predict_logits(result.model, held_out.samples), held_out)
        fold = Fold(
            number=number,
            subjects=people["test"],
            validation_subjects=people["validation"],
            best_epoch=result.best_epoch,
            history=result.history,
            validation=result.validation,
            held_out=predictions.metrics(),
        )
        for log in records:
            log.log_test(fold.held_out.to_json())
    predictions.save(folder / PREDICTIONS)
    write_json(folder / "fold.json", fold.to_json())  # last: with it the fold is finished
    return fold


def _read_fold(folder: Path) -> Fold | None:
    path = folder / "fold.json"
    return Fold.from_json(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _out_of_fold(samples: SampleSet, folds: list[Fold], folders: list[Path]) -> Predictions:
    """Each sample's logits by the model that never saw its subject, in the order of the samples."""
    logits = np.empty((len(samples), samples.num_classes), "float32")
    for fold, folder in zip(folds, folders, strict=True):
        logits[np.isin(samples.groups, fold.subjects)] = Predictions.load(folder / PREDICTIONS).logits
    return Predictions.of(logits, samples)


def _test(
    result: FoldsResult, recipe: Recipe, split: DisjointSplit, folder: Path, folders: list[Path], logs: Sequence[str]
) -> dict[str, Metrics]:
    """The one look at the test windows; where it is on record it is only read again."""
    seen = [look for look in looks_at(folder, split.test.fingerprint()) if "ensemble" in look]
    if seen:
        write_test_note(folder)
        return {name: Metrics(**seen[0][name]) for name in ("test", "ensemble")}
    models = [load_model(each / "model.keras") for each in folders]
    best, ensemble = models[result.best_fold.number - 1], Ensemble(models)
    save_model(best, folder / "best_fold.keras")
    save_model(ensemble, folder / "ensemble.keras")
    figures = {"test": evaluate(best, split.test), "ensemble": evaluate(ensemble, split.test)}
    facts = {"model": f"fold {result.best_fold.number}", "members": len(models), "leakage": split.leakage_note}
    with ExitStack() as open_logs:
        records = [open_logs.enter_context(log) for log in create_logs(logs, folder, recipe)]
        record_look(folder, figures, split.test, recipe=recipe, logs=records, **facts)
    return figures


def _joined(first: SampleSet, second: SampleSet) -> SampleSet:
    """Both, in an order that doesn't depend on who was drawn into which."""
    arrays, facts = first.parts()
    others, _ = second.parts()
    both = {name: np.concatenate([values, others[name]]) for name, values in arrays.items()}
    joined = rebuild(first.item, both, facts)
    recordings, starts = joined.origins
    return joined.select(np.lexsort((starts, recordings, joined.groups)))
