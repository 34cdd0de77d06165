"""One run of each kind, trained once for all tests of run folders."""

from pathlib import Path

import pytest

from kerashar.training import Recipe, cross_validate, fine_tune, look_at_test, pretrain, train
from tests.runs.run_folders import write_search
from tests.synthetic import make_split

SMALL = {"hidden": 4, "blocks": 1}
RECIPE = Recipe(model_settings=SMALL, epochs=2, learning_rate=1e-3)


@pytest.fixture(scope="session")
def small_split():
    return make_split(subjects=6, windows_each=6)


@pytest.fixture(scope="session")
def trained(small_split, tmp_path_factory) -> Path:
    """A training with a look at the test."""
    folder = tmp_path_factory.mktemp("trained") / "first"
    model = train(RECIPE, small_split, folder).model
    look_at_test(folder, model, small_split.test, recipe=RECIPE)
    return folder


@pytest.fixture(scope="session")
def all_kinds(trained, small_split, tmp_path_factory) -> Path:
    """A folder with a run of each kind but a training; tests copy what they change."""
    folder = tmp_path_factory.mktemp("runs")
    one_epoch = Recipe(model_settings=SMALL, epochs=1, start=str(trained / "model.keras"))
    fine_tune(one_epoch, small_split, folder / "tuned", [{"trained_depth": 0}, {}])
    pretrain(Recipe(model_settings=SMALL, epochs=1), small_split, folder / "pretrained", "masked")
    cross_validate(Recipe(model_settings=SMALL, epochs=1), small_split, folder / "deeper" / "crossed", 2)
    write_search(folder / "searched", trained, data={"name": "mine", "seed": 0})
    return folder
