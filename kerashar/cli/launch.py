"""`kerashar launch`: files that start a search on a cluster."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from kerashar.cli.options import model_names


def launch(
    kind: Annotated[
        Literal["aws", "gcp", "on-premise", "job", "kuberay", "slurm"],
        typer.Argument(help="aws, gcp, on-premise: for `ray up`; job: for `ray job submit`; kuberay; slurm."),
    ],
    model: Annotated[
        str, typer.Argument(help="Model: see `kerashar models`; several, as tcn,modern_tcn, are searched over.")
    ],
    data: Annotated[str, typer.Option(help="Data set: see `kerashar data`.")],
    shared: Annotated[str, typer.Option(help="Folder that every node sees under this path; the run goes into it.")],
    archive: Annotated[
        str | None, typer.Option(help="The publisher's file of the data set, in the shared one.")
    ] = None,
    name: Annotated[str, typer.Option(help="Of the search, and of its run folder there.")] = "kerashar-search",
    trials: Annotated[int, typer.Option(help="Trials in all.")] = 16,
    space: Annotated[Literal["full", "quick"], typer.Option(help="Size of the model's search space.")] = "full",
    backend: Annotated[str, typer.Option(help="Backend; several, as torch,jax, are searched over.")] = "torch",
    nodes: Annotated[int, typer.Option(help="Nodes in all.")] = 2,
    cpus: Annotated[int, typer.Option(help="CPU cores of a node.")] = 8,
    gpus: Annotated[int, typer.Option(help="GPUs of a node.")] = 0,
    gpus_per_trial: Annotated[
        float | None, typer.Option(help="GPUs of a trial; fractions share one. Otherwise one, where there are any.")
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(help="Container image with kerashar; otherwise Ray's, and pip installs kerashar."),
    ] = None,
    package: Annotated[
        list[str] | None, typer.Option(help="What pip installs on a node instead; may be repeated.")
    ] = None,
    setup: Annotated[
        list[str] | None,
        typer.Option(help="Shell command that each node runs first, such as a mount; may be repeated."),
    ] = None,
    zone: Annotated[str | None, typer.Option(help="aws, gcp: zone, such as us-west-2a.")] = None,
    instance: Annotated[str | None, typer.Option(help="aws, gcp: machine type.")] = None,
    project: Annotated[str | None, typer.Option(help="gcp: project.")] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="on-premise: address of a machine, the head first; may be repeated.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="on-premise: who logs in on the machines.")] = None,
    claim: Annotated[str | None, typer.Option(help="kuberay: volume claim that holds the shared folder.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files; otherwise launch/KIND.")] = None,
) -> None:
    """Write the files that start a search on a cluster; nothing is started.

    The head of the first file says how to use them. Run again, they go on with a search that was interrupted.
    """
    from rich.console import Console

    from kerashar.data import data_set
    from kerashar.search.cluster import LaunchPlan, launch_files
    from kerashar.search_spaces import search_space

    search_space(model_names(model), space)
    data_set(data)
    plan = LaunchPlan(
        model,
        data,
        shared,
        name=name,
        archive=archive,
        trials=trials,
        space=space,
        backends=tuple(backend.split(",")),
        nodes=nodes,
        cpus=cpus,
        gpus=gpus,
        gpus_per_trial=gpus_per_trial,
        image=image,
        packages=package,
        setup=tuple(setup or ()),
        zone=zone,
        instance=instance,
        project=project,
        hosts=tuple(host or ()),
        user=user,
        claim=claim,
    )
    console = Console(soft_wrap=True)
    for path in launch_files(kind, plan, out or Path("launch") / kind):
        console.print(f"wrote {path}")
