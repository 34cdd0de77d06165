"""`kerashar search`: the best settings of a model."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from kerashar.cli.options import DATA, Archive, model_names


def search(
    model: Annotated[
        str | None,
        typer.Argument(
            help="Model: see `kerashar models`; several, as tcn,modern_tcn, are searched over. Not with --resume."
        ),
    ] = None,
    data: Annotated[str | None, typer.Option(help=f"{DATA} Not with --resume.")] = None,
    archive: Archive = None,
    split: Annotated[
        Literal["official", "drawn"], typer.Option(help="The data's own test side, or a fifth that is drawn.")
    ] = "official",
    backend: Annotated[str, typer.Option(help="Backend; several, as torch,jax, are searched over.")] = "torch",
    trials: Annotated[int, typer.Option(help="Trials in all.")] = 16,
    space: Annotated[Literal["full", "quick"], typer.Option(help="Size of the model's search space.")] = "full",
    also: Annotated[
        list[str] | None, typer.Option(help="Search features or augmentation besides; may be repeated.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Who ends early: asha, hyperband, median_stopping, none; or pbt, pb2: who takes over.")
    ] = "asha",
    searcher: Annotated[
        str, typer.Option(help="How settings are drawn: tpe, gaussian_process, nsga2, random, grid.")
    ] = "tpe",
    objective: Annotated[
        list[str] | None,
        typer.Option(help="What should be small besides a high score: parameters, latency_ms; may be repeated."),
    ] = None,
    warm_start: Annotated[
        list[Path] | None, typer.Option(help="Run folder of an earlier search to learn from; may be repeated.")
    ] = None,
    run: Annotated[Path | None, typer.Option(help="Run folder, new or empty.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Run folder of a search that was interrupted.")] = None,
    concurrent: Annotated[
        int | None, typer.Option(help="Trials at a time; otherwise as many as there is room for.")
    ] = None,
    cpus_per_trial: Annotated[float, typer.Option(help="CPU cores of a trial.")] = 1.0,
    gpus_per_trial: Annotated[float, typer.Option(help="GPUs of a trial; fractions share one.")] = 0.0,
    memory_per_trial: Annotated[
        float | None, typer.Option(help="Gigabytes that a trial needs; trials are packed by it.")
    ] = None,
    out_of_memory: Annotated[
        str, typer.Option(help="A trial that runs out of memory: smaller halves its batch, record fails it.")
    ] = "smaller",
    storage: Annotated[
        str | None,
        typer.Option(help="Keep trials there too, as s3://bucket/mine: for nodes that don't share the run folder."),
    ] = None,
    log: Annotated[
        list[str] | None, typer.Option(help="A log of the trials besides the journal: tensorboard; may be repeated.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="A running Ray cluster: auto, or HOST:PORT. Otherwise this machine alone.")
    ] = None,
    allow_open_cluster: Annotated[
        bool, typer.Option("--allow-open-cluster", help="Join a cluster that others can reach without a token.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of validation subjects, draws and trials.")] = 0,
) -> None:
    """Search the settings of a model, or of several, on Ray Tune, then test the best model once.

    A search that was interrupted, even by a crash, goes on with `kerashar search --resume RUN`.
    """
    from rich.console import Console

    from kerashar.choose_backend import check_backend
    from kerashar.search.engine import Resources
    from kerashar.search.run import read_settings, resume_search, run_search
    from kerashar.search_spaces import search_space

    console = Console()
    resources = Resources(
        concurrent=concurrent,
        cpus=cpus_per_trial,
        gpus=gpus_per_trial,
        memory=None if memory_per_trial is None else int(memory_per_trial * 1e9),
        address=address,
        allow_open_cluster=allow_open_cluster,
    )
    if resume is not None:
        if model is not None or data is not None or run is not None:
            raise ValueError(
                "Expected --resume RUN alone: the run folder says the rest. Received: a model, --data or --run too."
            )
        source = read_settings(resume).data
        if source is None:
            raise ValueError(f"Expected a search begun on the command line. Received: {resume}; resume it from Python.")
        _, sides = _load(source, archive)
        result = resume_search(resume, sides, resources=resources, console=console)
    else:
        if model is None or data is None:
            raise ValueError(
                "Expected a model and --data, or --resume RUN. Received: neither; see `kerashar search --help`."
            )
        models, backends = model_names(model), backend.split(",")
        for each in backends:
            check_backend(each)
        os.environ.setdefault("KERAS_BACKEND", backends[0])
        chosen = search_space(models, space, also or ())
        source = {
            "name": data,
            "archive": str(archive.resolve()) if archive else None,
            "seed": seed,
            "model": models if isinstance(models, str) else models[0],
            "split": split,
        }
        name, sides = _load(source)
        folder = run or _new_folder(f"search-{model.replace(',', '-')}-{name}")
        result = run_search(
            models,
            sides,
            space=chosen,
            trials=trials,
            folder=folder,
            backends=backends,
            scheduler=scheduler,
            searcher=searcher,
            objectives=("score", *(objective or ())),
            warm_start=warm_start or (),
            resources=resources,
            out_of_memory=out_of_memory,
            storage=storage,
            logs=log or (),
            seed=seed,
            data=source,
            console=console,
        )
    _show(result, console)


def _load(source: dict[str, Any], archive: Path | None = None) -> tuple[str, Any]:
    """What the data of a search are called, and their split; older searches had the official one of windows."""
    from kerashar.training.recipe import Recipe
    from kerashar.training.recipe_data import data_name, recipe_split

    given = {name: source[name] for name in ("model", "split") if name in source}
    recipe = Recipe(data=source["name"], seed=source["seed"], **given)
    return data_name(recipe), recipe_split(recipe, archive=archive or source["archive"])


def _new_folder(name: str) -> Path:
    taken = [int(path.name.rsplit("-", 1)[1]) for path in Path("runs").glob(f"{name}-[0-9]*")]
    return Path("runs") / f"{name}-{max(taken, default=0) + 1}"


def _show(result, console) -> None:
    from rich.table import Table

    from kerashar.search.live_table import describe

    table = Table(
        "rank",
        "trial",
        "backend",
        "status",
        "epochs",
        "macro F1",
        "settings",
        title="Leaderboard (validation side)",
    )
    for rank, trial in enumerate(result.leaderboard[:10], start=1):
        table.add_row(
            str(rank),
            trial.trial,
            trial.settings["backend"],
            trial.status,
            str(len(trial.reports)),
            f"{trial.score:.2%}",
            describe(trial),
        )
    console.print(table)
    if len(result.front) > 1:
        figures = [
            f"trial {trial.trial}: macro F1 {trial.score:.2%}"
            + "".join(f", {name} {value:,.6g}" for name, value in trial.measures.items())
            for trial in result.front
        ]
        console.print("none better in all objectives:", *figures, sep="\n", soft_wrap=True)
    failed = len(result.trials) - len(result.leaderboard)
    if failed:
        console.print(
            f"{failed} trials failed; their tracebacks are in {result.folder / 'journal.jsonl'}", soft_wrap=True
        )
    console.print(
        f"test side, seen by no trial: accuracy {result.test.accuracy:.2%}, macro F1 {result.test.macro_f1:.2%} "
        f"on {result.test.count} samples",
        soft_wrap=True,
    )
    console.print(
        f"best model {result.folder / 'best_model.keras'}\npage       {result.folder / 'search.html'}",
        soft_wrap=True,
    )
