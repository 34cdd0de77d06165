"""What is checked before a search joins a cluster."""

import socket
from importlib import import_module
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

_CLIENT = "ray://"
_CLIENT_PORT = 10001
_PATIENCE = 10.0  # seconds until a head must have answered


def check_address(address: str, allow_open: bool = False) -> None:
    """Refuse a Ray cluster that others can reach and that lets anyone in, token or not.

    On such a cluster whoever reaches a port can run code as the user, read the data and spoil the search. The head is
    asked, without a token, who its nodes are; one that answers is open, whatever `RAY_AUTH_MODE` says here. An open
    cluster passes where the head and its nodes have loopback addresses alone.

    Args:
        address: as for `ray.init`: `auto`, `host:port` or `ray://host:port`.
        allow_open: join an open cluster all the same.

    Raises:
        ValueError: the cluster is open, or the address is malformed.
        ConnectionError: no head answers there.
    """
    if allow_open:
        return
    host, port = _host_and_port(address)
    nodes = _ask_without_token(host, port, address.startswith(_CLIENT))
    if nodes is None:
        return
    outside = sorted(each for each in _resolve(host) | nodes if not ip_address(each).is_loopback)
    if outside:
        raise ValueError(
            f"Expected a Ray cluster that asks for a token, as others can reach it at {', '.join(outside)}. Received: "
            f"{address}, which answers without one. Make a token with `ray get-auth-token --generate`, give it to each "
            "node, and start Ray there with RAY_AUTH_MODE=token. Where only people you trust reach the cluster, "
            "--allow-open-cluster (in Python allow_open_cluster=True) joins it as it is."
        )


def _host_and_port(address: str) -> tuple[str, int]:
    from ray._private.services import get_ray_address_from_environment

    if address == "auto":
        address = get_ray_address_from_environment("auto", None)
    try:
        parts = urlsplit("//" + address.removeprefix(_CLIENT))
        host, port = parts.hostname, parts.port or (_CLIENT_PORT if address.startswith(_CLIENT) else None)
    except ValueError:  # a port that is no number
        host = port = None
    if not host or not port:
        raise ValueError(f"Expected an address such as auto, 10.0.0.1:6379 or ray://head:10001. Received: {address!r}.")
    return host, port


def _resolve(host: str) -> set[str]:
    # What follows a % names the interface of a link-local address.
    return {str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, None)}


def _ask_without_token(host: str, port: int, client: bool) -> set[str] | None:
    """Addresses of the nodes, as far as the head tells them to someone without a token; None where it tells nothing."""
    import grpc
    from ray.core.generated import gcs_service_pb2_grpc, ray_client_pb2_grpc

    gcs: Any = import_module("ray.core.generated.gcs_service_pb2")  # generated code, whose names no type checker sees
    ray_client: Any = import_module("ray.core.generated.ray_client_pb2")
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with grpc.insecure_channel(address) as channel:
            if client:
                ping = ray_client.ClusterInfoRequest(type=ray_client.ClusterInfoType.PING)
                ray_client_pb2_grpc.RayletDriverStub(channel).ClusterInfo(ping, timeout=_PATIENCE)
                return set()
            question = gcs.GetAllNodeInfoRequest()
            reply = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel).GetAllNodeInfo(question, timeout=_PATIENCE)
            return {node.node_manager_address for node in reply.node_info_list}
    except grpc.RpcError as error:
        if error.code() == grpc.StatusCode.UNAUTHENTICATED:
            return None
        raise ConnectionError(
            f"Expected the head of a Ray cluster at {address}. Received: {error.code().name.lower()}, {error.details()}"
        ) from None
