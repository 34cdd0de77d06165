import sys

import pytest

from kerashar.callbacks import CSVLog, TensorBoardLog, create_logs, list_logs
from kerashar.training import Recipe
from tests.support import random_signal

pytestmark = pytest.mark.once


def test_logs_by_name(tmp_path):
    assert list_logs() == ["mlflow", "tensorboard", "wandb"]
    recipe, windows = Recipe(epochs=3), random_signal(1, 16, 2)
    logs = create_logs(["tensorboard", "mlflow", "tensorboard"], tmp_path, recipe, windows)
    assert [type(log).__name__ for log in logs] == ["CSVLog", "TensorBoardLog", "MLflowLog"]
    assert isinstance(logs[1], TensorBoardLog)
    assert logs[1].windows is windows
    assert logs[1].recipe["epochs"] == 3
    assert isinstance(create_logs([], tmp_path, recipe)[0], CSVLog)
    assert not list(tmp_path.iterdir())  # a log writes nothing before its training starts
    with pytest.raises(ValueError, match="Did you mean 'tensorboard'"):
        create_logs(["tensorbord"], tmp_path, recipe)


@pytest.mark.parametrize(
    ("name", "library"), [("tensorboard", "tensorboardX"), ("mlflow", "mlflow"), ("wandb", "wandb")]
)
def test_a_missing_library_is_named(name, library, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=rf"{library} .*pip install kerashar\[tracking\]"):
        create_logs([name], tmp_path, Recipe())
