"""`kerashar distill`: a small model trained on larger ones."""

from pathlib import Path
from typing import Annotated

import typer

from kerashar.cli.options import ON_RECORD, Archive, Backend, read_recipe


def distill(
    recipe: Annotated[Path, typer.Argument(help="The student's recipe: a JSON file with loss=distillation.")],
    teacher: Annotated[list[Path], typer.Option(help="A .keras file; repeat it for an ensemble.")],
    run: Annotated[Path, typer.Option(help="Run folder; a run that was killed there resumes.")],
    data: Annotated[str | None, typer.Option(help="Data set, where the recipe names none or another.")] = None,
    archive: Archive = None,
    backend: Backend = None,
) -> None:
    """Train a small model on the labels and on what one or more trained models say, and test it once."""
    import hashlib
    from dataclasses import replace

    from rich.console import Console

    from kerashar.cli.options import start_keras

    student = read_recipe(recipe)
    student = replace(student, data=data or student.data)
    digests = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in teacher}
    start_keras(backend)

    from kerashar.callbacks import ProgressBar
    from kerashar.files import write_json
    from kerashar.models import load_model
    from kerashar.training.distillation import distill as run_distillation
    from kerashar.training.looks import look_once
    from kerashar.training.recipe_data import recipe_split

    console = Console(soft_wrap=True)
    teachers = [load_model(path) for path in teacher]
    split = recipe_split(student, archive=archive)
    parameters = sum(each.count_params() for each in teachers)
    console.print(f"{len(teachers)} teachers of {parameters} weights say what they think of {len(split.train)} windows")
    bar = ProgressBar(student.epochs, console)
    with bar:
        result = run_distillation(teachers, student, split, run, on_epoch=bar.epoch_ended, callbacks=[bar])
    write_json(run / "teachers.json", digests)
    facts = {"leakage": split.leakage_note, "best_epoch": result.best_epoch, "validation": result.validation.to_json()}
    test, on_record = look_once(run, result.model, split.test, recipe=student, **facts)
    if on_record:
        console.print(ON_RECORD.format(run))
    console.print(
        f"{student.model} of {result.model.count_params()} weights: validation accuracy "
        f"{result.validation.accuracy:.2%}, test accuracy {test.accuracy:.2%}, macro F1 {test.macro_f1:.2%} on "
        f"{test.count} windows of subjects not seen in training; model in {run / 'model.keras'}"
    )
