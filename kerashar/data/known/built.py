"""Reading recordings through a builder, which is imported only then."""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from kerashar.data.recording import Recording


def built_with(module: str, name: str) -> Callable[..., Iterator[Recording]]:
    """What a `DataSet` takes as `recordings`: class `name` of a module in `kerashar.data.builders` builds them."""
    return partial(_recordings, module, name)


def _recordings(
    module: str, name: str, archive: Path | str | None = None, cache: Path | str | None = None
) -> Iterator[Recording]:
    from kerashar.data.builders.recordings_builder import built_recordings

    kind = getattr(importlib.import_module(f"kerashar.data.builders.{module}"), name)
    return built_recordings(kind, archive, cache)
