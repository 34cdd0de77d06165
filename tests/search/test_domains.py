import json

import pytest

from kerashar.search import Choice, IntUniform, LogUniform, Uniform
from kerashar.search.domains import check_space, flatten, middle, unflatten
from kerashar.search.settings import SearchSettings

pytestmark = pytest.mark.once

SPACE = {
    "model": {
        "kernel_sizes": Choice(((3, 7), (5,))),
        "blocks": IntUniform(1, 3),
        "dropout": Uniform(0.0, 0.4),
    },
    "training": {"learning_rate": LogUniform(1e-4, 1e-2), "epochs": 9},
}


def test_flatten_and_unflatten_are_inverse():
    assert unflatten(flatten(SPACE)) == SPACE


def test_settings_come_back_from_json():
    settings = SearchSettings("modern_tcn", SPACE, 4, ("torch", "jax"), 7, 1, 3, {"name": "watch"}, "abc")
    assert SearchSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize(
    ("space", "nearest"),
    [
        ({"model": {"hiden": 8}}, "'hidden'"),
        ({"training": {"learningrate": 0.1}}, "'learning_rate'"),
        ({"trainings": {}}, "'training'"),
        ({"training": {"model_settings": {}}}, "known training setting"),
    ],
)
def test_an_unknown_key_fails_with_the_nearest(space: dict, nearest: str):
    with pytest.raises(ValueError, match=nearest):
        check_space(space, "modern_tcn")


@pytest.mark.parametrize(
    ("domain", "bounds"),
    [
        (Uniform, (1.0, 1.0)),
        (Uniform, (0.0, float("nan"))),
        (Uniform, (0.0, float("inf"))),
        (LogUniform, (0.0, 1.0)),
        (IntUniform, (3, 2)),
    ],
)
def test_bounds_are_checked(domain: type[Uniform], bounds: tuple[float, float]):
    with pytest.raises(ValueError, match=r"Received: low="):
        domain(*bounds)


def test_a_choice_needs_an_option():
    with pytest.raises(ValueError, match="at least one option"):
        Choice(())


def test_the_middle_of_a_space_is_one_setting_for_each_domain():
    assert middle(SPACE) == {
        "model": {"kernel_sizes": (5,), "blocks": 2, "dropout": 0.2},
        "training": {"learning_rate": pytest.approx(1e-3), "epochs": 9},
    }
