"""Which tests run in which backend's process."""

import os
from collections.abc import Iterator

import pytest

ONCE_IN = "torch"  # the backend whose process runs the tests that don't depend on one


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("KERAS_BACKEND", ONCE_IN) == ONCE_IN:
        return
    kept = [item for item in items if item.get_closest_marker("once") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


@pytest.fixture(scope="session")
def ray_runs() -> Iterator[None]:
    """Ray, started once for all searches of this process."""
    import ray

    from kerashar.search.engine import start_ray

    start_ray()
    yield
    ray.shutdown()
