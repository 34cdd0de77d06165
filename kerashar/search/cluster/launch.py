"""Files that start a search on a cluster."""

import re
import shlex
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kerashar.files import write_atomically
from kerashar.names import unknown_name
from kerashar.search.cluster.fill import fill_shell, fill_yaml, to_yaml
from kerashar.search.cluster.launch_plan import LaunchPlan

# What a kind needs besides, and what it may have; the rest it would pass over in silence.
_NEEDS = {
    "aws": ("zone", "instance"),
    "gcp": ("zone", "instance", "project"),
    "on-premise": ("hosts", "user"),
    "job": (),
    "kuberay": ("claim",),
    "slurm": (),
}
_MAY_HAVE = {
    "aws": ("image", "packages", "setup"),
    "gcp": ("image", "packages", "setup"),
    "on-premise": ("image", "packages", "setup"),
    "job": ("image", "packages"),
    "kuberay": ("image", "packages"),
    "slurm": ("setup",),
}
KINDS = tuple(_NEEDS)
_SPECIAL = ("image", "packages", "setup", "zone", "instance", "project", "hosts", "user", "claim")
_GCP_IMAGE = "projects/deeplearning-platform-release/global/images/family/"
_WAIT_FOR_DRIVER = "timeout 600 bash -c 'until nvidia-smi; do sleep 5; done'"


def launch_files(kind: str, plan: LaunchPlan, folder: Path | str) -> list[Path]:
    """Write the files that start a search on a cluster; the comment at the head of the first says how to use them.

    Each asks for Ray's token wherever Ray listens, and keeps the dashboard on the loopback interface or inside
    Kubernetes. Run again after an interruption, they go on with the search.

    Args:
        kind: `aws`, `gcp` and `on-premise` for `ray up`, `job` for `ray job submit`, `kuberay` or `slurm`.
        plan: what runs, and on what.
        folder: where to; files of an earlier call are replaced.

    Returns:
        The files, the one to begin with first.

    Raises:
        ValueError: an unknown kind; something that the kind needs is missing, or something given means nothing to it.

    Example:
        >>> import tempfile
        >>> plan = LaunchPlan("modern_tcn", "hapt", "/shared", archive="/shared/hapt.zip", backends=("jax",))
        >>> [path.name for path in launch_files("slurm", plan, tempfile.mkdtemp())]
        ['slurm.sh']
    """
    if kind not in KINDS:
        raise unknown_name("kind of launch files", kind, KINDS)
    for field in _SPECIAL:
        given = bool(getattr(plan, field))
        if field in _NEEDS[kind] and not given:
            raise ValueError(f"Expected {field} for launch files of the kind {kind}. Received: none.")
        if given and field not in _NEEDS[kind] + _MAY_HAVE[kind]:
            raise ValueError(f"Expected no {field} for launch files of the kind {kind}. Received: {field}.")
    if kind == "on-premise" and len(plan.hosts) != plan.nodes:
        raise ValueError(f"Expected a host for each of {plan.nodes} nodes. Received: {len(plan.hosts)} hosts.")
    written = []
    for name, text in _WRITERS[kind](plan).items():
        path = Path(folder) / name
        write_atomically(path, lambda temporary, text=text: temporary.write_text(text, encoding="utf-8"))
        if path.suffix == ".sh":
            path.chmod(0o755)
        written.append(path)
    return written


def _search_lines(plan: LaunchPlan) -> str:
    values = {
        "run": plan.run,
        "model": plan.model,
        "data": plan.data,
        "backends": ",".join(plan.backends),
        "trials": plan.trials,
        "space": plan.space,
        "archive": plan.archive,
        "gpu_share": plan.gpu_share,
    }
    return fill_shell("search_command.sh", values).rstrip()


def _search_script(plan: LaunchPlan, *, setup: bool = False) -> str:
    setup_lines = "\n".join(plan.setup) if setup and plan.setup else None
    return fill_shell("search.sh", {"setup_lines": setup_lines, "search_lines": _search_lines(plan)})


def _slurm(plan: LaunchPlan) -> dict[str, str]:
    values = {
        "name": plan.name,
        "nodes": plan.nodes,
        "cpus": plan.cpus,
        "gpus": plan.gpus,
        "slurm_gpus": plan.gpus or None,
        "setup_lines": "\n".join(plan.setup) or None,
        "search_lines": _search_lines(plan),
    }
    return {"slurm.sh": fill_shell("slurm.sh", values)}


def _job(plan: LaunchPlan) -> dict[str, str]:
    return {
        "submit.sh": fill_shell("submit.sh", {}),
        "search.sh": _search_script(plan),
        "runtime_env.yaml": to_yaml(_runtime_env(plan)),
    }


def _kuberay(plan: LaunchPlan) -> dict[str, str]:
    limits = {"cpu": str(plan.cpus), "memory": f"{4 * plan.cpus}Gi"}
    if plan.gpus:
        limits["nvidia.com/gpu"] = str(plan.gpus)
    values = {
        "name": plan.name,
        "script": _search_script(plan),
        "runtime_env": to_yaml(_runtime_env(plan)) if plan.requirements else None,
        "ray_version": version("ray"),
        "image": _image(plan),
        "limits": limits,
        "shared": plan.shared,
        "claim": plan.claim,
        "workers": plan.nodes - 1,
    }
    return {"rayjob.yaml": fill_yaml("kuberay.yaml", values)}


def _aws(plan: LaunchPlan) -> dict[str, str]:
    region = re.match(r"[a-z]+(-[a-z]+)+-\d+", str(plan.zone))
    if region is None:
        raise ValueError(f"Expected a zone such as us-west-2a. Received: zone={plan.zone!r}.")
    return _cluster("aws.yaml", plan, {"region": region.group()})


def _gcp(plan: LaunchPlan) -> dict[str, str]:
    region, _, letter = str(plan.zone).rpartition("-")
    if not region or len(letter) != 1:
        raise ValueError(f"Expected a zone such as us-central1-b. Received: zone={plan.zone!r}.")
    with_gpu = {
        "metadata": {"items": [{"key": "install-nvidia-driver", "value": "True"}]},
        "scheduling": [{"onHostMaintenance": "TERMINATE"}],
        "disk_image": _GCP_IMAGE + "common-cu121",
        "setup": [_WAIT_FOR_DRIVER, *plan.setup],
    }
    without = {"metadata": None, "scheduling": None, "disk_image": _GCP_IMAGE + "common-cpu"}
    return _cluster(
        "gcp.yaml", plan, {"region": region, "project": plan.project, **(with_gpu if plan.gpus else without)}
    )


def _on_premise(plan: LaunchPlan) -> dict[str, str]:
    def start(how: str) -> list[str]:
        first = "".join(f"{command} && " for command in plan.setup)
        share = f"--num-cpus={plan.cpus} --num-gpus={plan.gpus} --disable-usage-stats"
        return [f"{first}ray stop", f"export RAY_AUTH_MODE=token; ulimit -n 65536; {first}ray start {how} {share}"]

    head = "--head --port=6379 --dashboard-host=127.0.0.1 --autoscaling-config=~/ray_bootstrap_config.yaml"
    docker = {"image": plan.image, "container_name": "kerashar", "run_options": _mounts(plan)} if plan.image else {}
    values = {
        "head": plan.hosts[0],
        "worker_hosts": list(plan.hosts[1:]),
        "user": plan.user,
        "docker": docker,
        "install": _install(list(plan.packages or ())),
        "head_start": start(head),
        "worker_start": start("--address=$RAY_HEAD_IP:6379"),
    }
    return _cluster("on_premise.yaml", plan, values, setup=True)


def _cluster(template: str, plan: LaunchPlan, values: dict[str, Any], *, setup: bool = False) -> dict[str, str]:
    common = {
        "name": plan.name,
        "workers": plan.nodes - 1,
        "zone": plan.zone,
        "instance": plan.instance,
        "image": _image(plan),
        "mounts": _mounts(plan),
        "resources": {"CPU": plan.cpus, "GPU": plan.gpus} if plan.gpus else {"CPU": plan.cpus},
        "setup": list(plan.setup),
        "install": _install(plan.requirements),
    }
    return {
        "cluster.yaml": fill_yaml(template, {**common, **values}),
        "search.sh": _search_script(plan, setup=setup),
    }


def _runtime_env(plan: LaunchPlan) -> dict[str, Any]:
    return {"pip": plan.requirements} if plan.requirements else {}


def _install(requirements: list[str]) -> list[str]:
    return [f"pip install {shlex.join(requirements)}"] if requirements else []


def _mounts(plan: LaunchPlan) -> list[str]:
    return [f"--volume={shlex.quote(f'{plan.shared}:{plan.shared}')}"]


def _image(plan: LaunchPlan) -> str:
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    return plan.image or f"rayproject/ray:{version('ray')}-{python}{'-gpu' if plan.gpus else ''}"


_WRITERS: dict[str, Callable[[LaunchPlan], dict[str, str]]] = {
    "aws": _aws,
    "gcp": _gcp,
    "on-premise": _on_premise,
    "job": _job,
    "kuberay": _kuberay,
    "slurm": _slurm,
}
