"""Launch files, held against the tools' own schemas and command lines."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.dashboard.modules.job.cli import submit
from ray.scripts.scripts import cli as ray_cli

from kerashar.search.cluster import KINDS, LaunchPlan, launch_files

pytestmark = pytest.mark.once

FOR_ALL = {"archive": "/shared/hapt.zip", "backends": ("torch", "jax"), "nodes": 3, "cpus": 4, "trials": 30}
SPECIAL: dict[str, dict[str, Any]] = {
    "aws": {"zone": "us-gov-west-1a", "instance": "m6i.xlarge", "setup": ("sudo mount /shared",)},
    "gcp": {"zone": "us-central1-b", "instance": "g2-standard-8", "project": "mine", "gpus": 1},
    "on-premise": {
        "hosts": ("10.0.0.1", "10.0.0.2", "10.0.0.3"),
        "user": "me",
        "setup": ("source /shared/v/bin/activate",),
    },
    "job": {},
    "kuberay": {"claim": "shared", "gpus": 2, "gpus_per_trial": 0.5},
    "slurm": {"gpus": 2, "setup": ("module load cuda",)},
}
HOSTILE = "a'; touch hacked; echo \"$(touch hacked)` \\ @run@ $name: {b} #"


def plan(kind: str, **changes: Any) -> LaunchPlan:
    return LaunchPlan(
        **{"model": "modern_tcn", "data": "hapt", "shared": "/shared", **FOR_ALL, **SPECIAL[kind], **changes}
    )


def files(kind: str, folder: Path, **changes: Any) -> dict[str, str]:
    return {path.name: path.read_text() for path in launch_files(kind, plan(kind, **changes), folder)}


def cluster(kind: str, folder: Path, **changes: Any) -> dict[str, Any]:
    return yaml.safe_load(files(kind, folder, **changes)["cluster.yaml"])


def strictly(schema: Any) -> Any:
    """A Kubernetes schema as the API server applies it under kubectl: fields that it doesn't know are errors."""
    if isinstance(schema, list):
        return [strictly(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: strictly(value) for key, value in schema.items()}
    return {"additionalProperties": False, **closed} if "type" in schema and "properties" in schema else closed


@pytest.mark.parametrize("kind", ["aws", "gcp", "on-premise"])
@pytest.mark.parametrize("nodes", [1, 3])
def test_ray_up_takes_the_cluster(kind: str, nodes: int, tmp_path: Path):
    hosts = {"hosts": SPECIAL["on-premise"]["hosts"][:nodes]} if kind == "on-premise" else {}
    config = cluster(kind, tmp_path, nodes=nodes, **hosts)
    prepared = prepare_config(config)
    validate_config(prepared)
    workers = [each for name, each in prepared["available_node_types"].items() if name != "head"]
    assert [(each["min_workers"], each["max_workers"]) for each in workers] == [(nodes - 1, nodes - 1)]
    assert prepared["max_workers"] == nodes - 1
    # A made-up field is found by the same check.
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        validate_config({**prepared, "surprise": 1})


@pytest.mark.parametrize("kind", ["aws", "gcp", "on-premise"])
def test_nodes_of_ray_up_ask_for_a_token_and_hide_the_dashboard(kind: str, tmp_path: Path):
    config = cluster(kind, tmp_path)
    assert config["file_mounts"]["~/.ray/auth_token"] == "~/.ray/auth_token"
    starts = [config["head_start_ray_commands"][-1], config["worker_start_ray_commands"][-1]]
    for start in starts:
        assert start.startswith("export RAY_AUTH_MODE=token;")
        arguments = shlex.split(start.rsplit("ray start ", 1)[1])
        assert_known_options(ray_cli.commands["start"], arguments)
    assert "--dashboard-host=127.0.0.1" in starts[0]
    assert "0.0.0.0" not in json.dumps(config)


def assert_known_options(command: Any, arguments: list[str]) -> Any:
    return command.make_context(command.name, list(arguments), resilient_parsing=False)


def test_the_head_of_each_cluster_file_quotes_commands_that_ray_has(tmp_path: Path):
    for kind in ("aws", "gcp", "on-premise"):
        text = files(kind, tmp_path / kind)["cluster.yaml"]
        commands = re.findall(
            r"\bray ([a-z-]+) ((?:--?[\w-]+|cluster\.yaml|'[^']*')(?: (?:--?[\w-]+|cluster\.yaml|'[^']*'))*)", text
        )
        assert {name for name, _ in commands} >= {"up", "exec", "down", "get-auth-token"}
        for name, arguments in commands:
            if "cluster.yaml" in arguments or name == "get-auth-token":
                assert_known_options(ray_cli.commands[name], shlex.split(arguments))


def test_aws_and_gcp_place_the_machines(tmp_path: Path):
    aws = cluster("aws", tmp_path / "aws")
    assert aws["provider"] | {"region": "us-gov-west-1", "availability_zone": "us-gov-west-1a"} == aws["provider"]
    assert aws["available_node_types"]["worker"]["node_config"]["InstanceType"] == "m6i.xlarge"
    assert aws["available_node_types"]["head"]["resources"] == {"CPU": 4}
    assert aws["initialization_commands"] == ["sudo mount /shared"]
    gcp = cluster("gcp", tmp_path / "gcp")
    assert gcp["provider"]["region"] == "us-central1"
    head = gcp["available_node_types"]["head"]
    assert head["resources"] == {"CPU": 4, "GPU": 1}
    assert head["node_config"]["scheduling"] == [{"onHostMaintenance": "TERMINATE"}]
    assert "scheduling" not in cluster("gcp", tmp_path / "no", gpus=0)["available_node_types"]["head"]["node_config"]


def test_kuberay_takes_the_job(tmp_path: Path):
    script, job = yaml.safe_load_all(files("kuberay", tmp_path)["rayjob.yaml"])
    schema = strictly(json.loads((Path(__file__).parent / "rayjob_schema.json").read_text()))
    schema["properties"]["metadata"] = {}  # the API server knows it, the schema of a resource doesn't
    jsonschema.validate(job, schema)
    for wrong in ({"entrypont": "x"}, {"backoffLimit": "3"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**job, "spec": {**job["spec"], **wrong}}, schema)

    spec = job["spec"]["rayClusterSpec"]
    assert spec["authOptions"] == {"mode": "token"}
    assert spec["headGroupSpec"]["serviceType"] == "ClusterIP"
    assert spec["headGroupSpec"]["enableIngress"] is False
    (workers,) = spec["workerGroupSpecs"]
    assert (workers["replicas"], workers["minReplicas"], workers["maxReplicas"]) == (2, 2, 2)
    for group in (spec["headGroupSpec"], workers):
        pod = group["template"]["spec"]
        assert pod["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "2"
        mounted = {each["name"]: each["mountPath"] for each in pod["containers"][0]["volumeMounts"]}
        assert mounted == {"shared": "/shared", "script": "/etc/kerashar"}
        assert {each["name"] for each in pod["volumes"]} == mounted.keys()
    assert job["spec"]["entrypoint"] == "bash /etc/kerashar/search.sh"
    assert script["metadata"]["name"] == pod["volumes"][1]["configMap"]["name"]
    assert "--address auto --gpus-per-trial 0.5" in script["data"]["search.sh"]
    assert yaml.safe_load(job["spec"]["runtimeEnvYAML"])["pip"][0].startswith("kerashar[jax]==")


def test_ray_takes_the_job_submission(tmp_path: Path):
    written = files("job", tmp_path)
    (line,) = [each for each in written["submit.sh"].splitlines() if each.startswith("exec ray job submit")]
    arguments = [each for each in shlex.split(line.removeprefix("exec ray job submit")) if each != "$@"]
    given = assert_known_options(submit, arguments).params
    assert (given["working_dir"], given["entrypoint"]) == (".", ("bash", "search.sh"))
    assert given["runtime_env"] in written
    assert yaml.safe_load(written["runtime_env.yaml"])["pip"][0].startswith("kerashar[jax]==")
    assert yaml.safe_load(files("job", tmp_path, image="mine")["runtime_env.yaml"]) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_shell_scripts_parse_and_can_be_run(kind: str, tmp_path: Path):
    for path in launch_files(kind, plan(kind), tmp_path):
        if path.suffix == ".sh":
            assert os.access(path, os.X_OK)
            done = subprocess.run(["bash", "-n", path], capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (0, "")


def run_search_script(script: str, folder: Path) -> list[str]:
    """What `kerashar` is called with by a search script."""
    folder.mkdir(exist_ok=True)
    (folder / "kerashar").write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    (folder / "kerashar").chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_the_search_begins_and_then_resumes(tmp_path: Path):
    shared = {"shared": str(tmp_path), "archive": None, "gpus": 2, "gpus_per_trial": 0.5}
    script = files("job", tmp_path / "files", **shared)["search.sh"]
    common = ["--address", "auto", "--gpus-per-trial", "0.5"]
    run = tmp_path / "kerashar-search"
    assert run_search_script(script, tmp_path / "bin") == [
        *("search", "modern_tcn", "--data", "hapt", "--backend", "torch,jax", "--trials", "30", "--space", "full"),
        *("--run", str(run), *common),
    ]
    run.mkdir()
    (run / "search.json").touch()
    assert run_search_script(script, tmp_path / "bin") == ["search", "--resume", str(run), *common]


def test_kerashar_search_has_each_option(tmp_path: Path):
    from typer.main import get_command

    from kerashar.cli.main import app

    search = get_command(app).commands["search"]  # pyright: ignore[reportAttributeAccessIssue]
    shared = {"shared": str(tmp_path), "archive": str(tmp_path / "hapt.zip"), "gpus": 1}
    script = files("job", tmp_path / "files", **shared)["search.sh"]
    for _ in ("begin", "resume"):
        name, *arguments = run_search_script(script, tmp_path / "bin")
        given = search.make_context(name, arguments).params
        assert (given["address"], given["gpus_per_trial"], str(given["archive"])) == ("auto", 1.0, shared["archive"])
        (tmp_path / "kerashar-search").mkdir(exist_ok=True)
        (tmp_path / "kerashar-search" / "search.json").touch()


@pytest.mark.parametrize("field", ["model", "data"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_value_becomes_shell_or_yaml(kind: str, field: str, tmp_path: Path):
    where = {"shared": f"/sh'a $(touch hacked) {HOSTILE[:9]}"} if field == "data" else {}
    archive = f"{where.get('shared', '/shared')}/x y.zip"
    written = files(kind, tmp_path / "files", **{field: HOSTILE}, **where, archive=archive)
    if kind == "kuberay":
        script, job = yaml.safe_load_all(written["rayjob.yaml"])
        written["search.sh"] = script["data"]["search.sh"]
        mounts = job["spec"]["rayClusterSpec"]["headGroupSpec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        assert mounts[0]["mountPath"] == plan(kind, **where, archive=archive).shared
    if kind in ("aws", "gcp"):
        (mount,) = yaml.safe_load(written["cluster.yaml"])["docker"]["run_options"]
        path = plan(kind, **where, archive=archive).shared
        assert shlex.split(mount) == [f"--volume={path}:{path}"]
    text = written.get("search.sh") or written["slurm.sh"]
    if kind == "slurm":
        text = "set -eu\n" + text[text.index("\nrun=") : text.index('"${search[@]}" &')] + '"${search[@]}"'
    if kind == "on-premise":
        text = text.replace("source /shared/v/bin/activate\n", "")
    arguments = run_search_script(text, tmp_path / "bin")
    assert HOSTILE in arguments
    assert archive in arguments
    assert not list(tmp_path.rglob("hacked"))


def test_packages_and_images_are_quoted(tmp_path: Path):
    config = cluster("aws", tmp_path, packages=("kerashar[jax]>=0.1; touch x", "b"), image=HOSTILE)
    assert shlex.split(config["setup_commands"][0]) == ["pip", "install", "kerashar[jax]>=0.1; touch x", "b"]
    assert config["docker"]["image"] == HOSTILE
    assert cluster("aws", tmp_path, image="mine")["setup_commands"] == []
    assert "common-cu" not in json.dumps(cluster("gcp", tmp_path, gpus=0, backends=("tensorflow",)))
    with_gpu = cluster("gcp", tmp_path, backends=("tensorflow", "jax"))["setup_commands"][0]
    assert shlex.split(with_gpu)[3:] == ["tensorflow[and-cuda]", "jax[cuda12]"]


@pytest.mark.parametrize(("gpus", "given", "share"), [(0, None, 0.0), (2, None, 1.0), (2, 0.5, 0.5), (8, 2.0, 2.0)])
def test_a_trial_takes_a_gpu_where_there_is_one(gpus: int, given: float | None, share: float):
    assert plan("job", gpus=gpus, gpus_per_trial=given).gpu_share == share


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "My search"}, "small letters"),
        ({"name": "a" * 41}, "40"),
        ({"name": "a\nb"}, "small letters"),
        ({"trials": 0}, "trials of at least 1"),
        ({"nodes": 0}, "nodes of at least 1"),
        ({"gpus": -1}, "gpus of at least 0"),
        ({"backends": ()}, "at least one backend"),
        ({"backends": ("torchh",)}, "Did you mean 'torch'"),
        ({"shared": "shared"}, "absolute path"),
        ({"shared": "/"}, "not the root"),
        ({"shared": "/a:b"}, "colons"),
        ({"archive": "/elsewhere/hapt.zip"}, "in /shared"),
        ({"archive": "/shared/../hapt.zip"}, "in /shared"),
        ({"model": "a\nb"}, "one line"),
        ({"data": "--resume"}, "hyphen"),
        ({"gpus_per_trial": 0.5}, "a node's 0 GPUs"),
        ({"gpus": 2, "gpus_per_trial": 1.5}, "whole number"),
        ({"gpus": 2, "gpus_per_trial": 3.0}, "gpus_per_trial=3.0"),
        ({"gpus": 2, "gpus_per_trial": -1.0}, "gpus_per_trial=-1.0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        plan("job", **change)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("slrm", {}, "Did you mean 'slurm'"),
        ("aws", {"zone": None}, "Expected zone for launch files of the kind aws"),
        ("aws", {"zone": "here"}, "us-west-2a"),
        ("gcp", {"zone": "here"}, "us-central1-b"),
        ("kuberay", {"claim": None}, "Expected claim"),
        ("slurm", {"image": "mine"}, "Expected no image"),
        ("job", {"setup": ("true",)}, "Expected no setup"),
        ("on-premise", {"nodes": 2}, "a host for each of 2 nodes"),
    ],
)
def test_what_a_kind_needs_and_has_no_use_for(kind: str, change: dict[str, Any], message: str, tmp_path: Path):
    with pytest.raises(ValueError, match=message):
        launch_files(kind, plan(kind if kind in SPECIAL else "job", **change), tmp_path / "files")
    assert not (tmp_path / "files").exists()
