"""What a search on a cluster runs, and on what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kerashar.choose_backend import BACKENDS
from kerashar.names import unknown_name

# Also the name of a Slurm job and of a Kubernetes object; those end in more letters, so they must be shorter still.
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
_EXTRAS = {"jax": "jax", "tensorflow": "tensorflow"}
_ON_GPU = {"jax": "jax[cuda12]", "tensorflow": "tensorflow[and-cuda]"}  # the plain wheels run on CPUs alone


@dataclass(frozen=True)
class LaunchPlan:
    """What a search on a cluster runs, and on what.

    Args:
        model: name of a registered model.
        data: name of a data set.
        shared: folder that every node sees under this path, such as an NFS mount; the run goes into it.
        name: of the search; its run folder is `shared/name`.
        archive: the publisher's file of the data set, somewhere in `shared`.
        trials: how many in all.
        space: `full` or `quick`.
        backends: backends to choose among.
        nodes: nodes in all; trials run on each of them.
        cpus: CPU cores of a node.
        gpus: GPUs of a node.
        gpus_per_trial: GPUs of a trial; fractions share one. None takes one where there are any.
        image: container image with kerashar in it; None takes Ray's and installs `packages`.
        packages: what pip installs on a node; None takes this version of kerashar with what the backends need.
        setup: shell commands that each node runs first, such as a mount or `source /shared/venv/bin/activate`.
        zone: of the cloud, such as us-west-2a.
        instance: machine type of the cloud.
        project: of Google's cloud.
        hosts: addresses of one's own machines, the head first.
        user: who logs in there.
        claim: persistent volume claim of Kubernetes that holds `shared`.

    Raises:
        ValueError: a value that can't be; what is missing for a kind is found by `launch_files`.
    """

    model: str
    data: str
    shared: str
    name: str = "kerashar-search"
    archive: str | None = None
    trials: int = 16
    space: str = "full"
    backends: Sequence[str] = ("torch",)
    nodes: int = 2
    cpus: int = 8
    gpus: int = 0
    gpus_per_trial: float | None = None
    image: str | None = None
    packages: Sequence[str] | None = None
    setup: Sequence[str] = ()
    zone: str | None = None
    instance: str | None = None
    project: str | None = None
    hosts: Sequence[str] = ()
    user: str | None = None
    claim: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(
                "Expected a name of at most 40 small letters, digits and hyphens, a letter first. "
                f"Received: name={self.name!r}."
            )
        for field, least in (("trials", 1), ("nodes", 1), ("cpus", 1), ("gpus", 0)):
            if getattr(self, field) < least:
                raise ValueError(f"Expected {field} of at least {least}. Received: {field}={getattr(self, field)}.")
        if not self.backends:
            raise ValueError("Expected at least one backend. Received: none.")
        for backend in self.backends:
            if backend not in BACKENDS:  # it need not be installed here
                raise unknown_name("backend", backend, BACKENDS)
        shared = PurePosixPath(self.shared)
        if not shared.is_absolute() or len(shared.parts) < 2 or ".." in shared.parts or ":" in self.shared:
            raise ValueError(
                "Expected shared as an absolute path without colons, and not the root. "
                f"Received: shared={self.shared!r}."
            )
        archive = PurePosixPath(self.archive or shared)
        if not archive.is_relative_to(shared) or ".." in archive.parts:
            raise ValueError(f"Expected an archive in {shared}, where each node sees it. Received: {self.archive}.")
        for field in ("model", "data", "shared", "archive", "image", "zone", "instance", "project", "user", "claim"):
            text = getattr(self, field) or ""
            if any(ord(letter) < 32 for letter in text) or text.startswith("-"):
                raise ValueError(f"Expected one line that doesn't begin with a hyphen. Received: {field}={text!r}.")
        share = self.gpu_share
        if not 0 <= share <= self.gpus or (share > 1 and share != int(share)):
            raise ValueError(
                f"Expected gpus_per_trial as a share of one of a node's {self.gpus} GPUs, or a whole number of them. "
                f"Received: gpus_per_trial={share}."
            )

    @property
    def run(self) -> str:
        """The run folder."""
        return str(PurePosixPath(self.shared) / self.name)

    @property
    def gpu_share(self) -> float:
        """GPUs of a trial."""
        return float(bool(self.gpus)) if self.gpus_per_trial is None else self.gpus_per_trial

    @property
    def requirements(self) -> list[str]:
        """What pip installs on a node: nothing where the image has it all."""
        from kerashar import __version__

        if self.packages is not None:
            return list(self.packages)
        if self.image:
            return []
        extras = ",".join(_EXTRAS[backend] for backend in self.backends if backend in _EXTRAS)
        on_gpu = [_ON_GPU[backend] for backend in self.backends if self.gpus and backend in _ON_GPU]
        return [f"kerashar[{extras}]=={__version__}" if extras else f"kerashar=={__version__}", *on_gpu]
