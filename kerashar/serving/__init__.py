"""A server of one model: predictions, streams and a live page. It needs the extra `serve`."""

from typing import TYPE_CHECKING, Any

from kerashar.lazy_names import lazy_names

if TYPE_CHECKING:
    from kerashar.serving.app import create_app
    from kerashar.serving.served_model import ServedModel
    from kerashar.serving.server import serve

_HOME = {
    "ServedModel": "kerashar.serving.served_model",
    "create_app": "kerashar.serving.app",
    "serve": "kerashar.serving.server",
}

__all__ = ["ServedModel", "create_app", "serve"]
_load = lazy_names(__name__, _HOME)


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        raise ImportError(f"Expected {error.name} to be installed: pip install kerashar[serve].") from error


def __dir__() -> list[str]:
    return sorted(__all__)
