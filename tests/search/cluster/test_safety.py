"""Addresses of clusters that are there, with a token and without."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from ray.core.generated import gcs_service_pb2_grpc

from kerashar.search.cluster import check_address

pytestmark = pytest.mark.once


class Head:
    """The head of a Ray cluster in a process of its own, with the environment that is given."""

    def __init__(self, **environment: str) -> None:
        self.folder = Path(f"/tmp/ray-{os.getpid()}-{environment['RAY_AUTH_MODE']}")  # short, as sockets want it
        self.port, self.client_port = _free_port(), _free_port()
        ray = Path(sys.executable).parent / "ray"
        command = [ray, "start", "--head", "--block", f"--port={self.port}", "--num-cpus=1", "--num-gpus=0"]
        command += [
            f"--ray-client-server-port={self.client_port}",
            "--include-dashboard=false",
            "--disable-usage-stats",
        ]
        command += ["--min-worker-port=0", "--max-worker-port=0", f"--temp-dir={self.folder}"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        null = subprocess.DEVNULL
        self.process = subprocess.Popen(command, env={**inherited, **environment}, stdout=null, stderr=null)

    def wait(self) -> "Head":
        end = time.monotonic() + 60
        while not all(map(_listens, (self.port, self.client_port))) or self.address is None:
            assert time.monotonic() < end, "Ray did not start in time"
            assert self.process.poll() is None, "Ray ended"
            time.sleep(0.1)
        return self

    @property
    def address(self) -> str | None:
        """The address that Ray wrote down for those who come with "auto"."""
        path = self.folder / "ray_current_cluster"
        return path.read_text().strip() if path.exists() else None

    def end(self) -> None:
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        for child in psutil.wait_procs(children, timeout=5)[1]:
            child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def heads() -> Iterator[dict[str, Head]]:
    started = {
        "open": Head(RAY_AUTH_MODE="disabled"),
        "token": Head(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="a token of this test alone, 0123456789"),
    }
    try:
        yield {name: head.wait() for name, head in started.items()}
    finally:
        for head in started.values():
            head.end()


@pytest.fixture
def outside(heads: dict[str, Head]) -> str:
    """The address at which the open cluster can be reached: Ray takes the machine's own."""
    host = str(heads["open"].address).rpartition(":")[0]
    assert not host.startswith("127."), "these tests need a machine with a network"
    return host


@contextmanager
def head_with_node(address: str) -> Iterator[int]:
    """The port of an open head that says its node is at `address`; Ray's own would always take the machine's."""

    gcs: Any = import_module("ray.core.generated.gcs_service_pb2")

    class Nodes(gcs_service_pb2_grpc.NodeInfoGcsServiceServicer):
        def GetAllNodeInfo(self, request, context):  # noqa: N802 (Ray's name)
            return gcs.GetAllNodeInfoReply(node_info_list=[{"node_manager_address": address}])

    server = grpc.server(ThreadPoolExecutor(1))
    gcs_service_pb2_grpc.add_NodeInfoGcsServiceServicer_to_server(Nodes(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port
    server.stop(None).wait()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_open_cluster_that_only_this_machine_reaches_passes(address: str):
    with head_with_node(address) as port:
        check_address(f"127.0.0.1:{port}")
        check_address(f"localhost:{port}")


def test_an_open_cluster_with_a_node_elsewhere_is_refused():
    with head_with_node("192.0.2.7") as port, pytest.raises(ValueError, match=r"reach it at 192\.0\.2\.7"):
        check_address(f"127.0.0.1:{port}")


def test_a_cluster_with_a_token_passes_under_each_address(heads: dict[str, Head], monkeypatch: pytest.MonkeyPatch):
    head = heads["token"]
    for address in (
        head.address,
        f"127.0.0.1:{head.port}",
        f"localhost:{head.port}",
        f"ray://127.0.0.1:{head.client_port}",
    ):
        check_address(str(address))
    monkeypatch.setenv("RAY_ADDRESS", str(head.address))
    check_address("auto")


def test_an_open_cluster_is_refused_under_each_address(
    heads: dict[str, Head], outside: str, monkeypatch: pytest.MonkeyPatch
):
    head = heads["open"]
    # What listens on all interfaces can be reached from outside, even where the address used here is a loopback one.
    for address in (f"{outside}:{head.port}", f"127.0.0.1:{head.port}", f"ray://{outside}:{head.client_port}"):
        with pytest.raises(ValueError, match=re.escape(f"can reach it at {outside}. Received: {address}")) as error:
            check_address(address)
        for advice in ("ray get-auth-token --generate", "RAY_AUTH_MODE=token", "--allow-open-cluster"):
            assert advice in str(error.value)
        check_address(address, allow_open=True)
    monkeypatch.setenv("RAY_ADDRESS", f"{outside}:{head.port}")
    with pytest.raises(ValueError, match="asks for a token"):
        check_address("auto")


def test_the_mode_of_this_process_does_not_close_an_open_cluster(
    heads: dict[str, Head], outside: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    with pytest.raises(ValueError, match="asks for a token"):
        check_address(f"{outside}:{heads['open'].port}")


def test_an_address_without_a_head_is_no_cluster(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ConnectionError, match=r"Expected the head of a Ray cluster at 127\.0\.0\.1"):
        check_address(f"127.0.0.1:{_free_port()}")
    monkeypatch.setattr("kerashar.search.cluster.safety._PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(ConnectionError, match="Expected the head"):
        check_address(f"127.0.0.1:{mute.getsockname()[1]}")


@pytest.mark.parametrize("address", ["", "10.0.0.1", "10.0.0.1:port", "ray://", "ray://host:port"])
def test_a_malformed_address_is_refused(address: str):
    with pytest.raises(ValueError, match="Expected an address such as"):
        check_address(address)
