from typing import Any

import pytest

from kerashar.features import FeatureStack, create_augmentations, create_features
from kerashar.models import create_model, list_models, model_card
from kerashar.search import Choice, Uniform
from kerashar.search.domains import check_space
from kerashar.search_spaces import list_search_spaces, search_space
from kerashar.training import Recipe

pytestmark = pytest.mark.once


def _ends(value: Any) -> list[Any]:
    if isinstance(value, Choice):
        return [value.options[0], value.options[-1]]
    return [value.low, value.high] if isinstance(value, Uniform) else [value, value]


def test_every_model_has_a_search_space():
    assert list_search_spaces() == list_models()


def _smallest_of_each() -> list[str]:
    """Of the models that share a space, as the sizes of a family do, the one with the fewest parameters."""
    by_space: dict[str, str] = {}
    for model in sorted(list_search_spaces(), key=lambda name: model_card(name).parameters):
        by_space.setdefault(str([search_space(model, size) for size in ("full", "quick")]), model)
    return sorted(by_space.values())


@pytest.mark.parametrize("size", ["full", "quick"])
@pytest.mark.parametrize("model", list_search_spaces())
def test_every_key_of_a_space_is_a_setting(model: str, size: str):
    check_space(search_space(model, size), model)


@pytest.mark.parametrize("size", ["full", "quick"])
@pytest.mark.parametrize("model", _smallest_of_each())
def test_both_ends_of_a_space_make_a_model_and_a_recipe(model: str, size: str):
    space = search_space(model, size)
    for end in (0, 1):
        settings = {group: {key: _ends(value)[end] for key, value in part.items()} for group, part in space.items()}
        create_model(model, model_card(model).input_shape, 4, **settings["model"])
        Recipe(model=model, model_settings=settings["model"], **settings["training"])


def test_features_and_augmentation_join_any_space():
    before = search_space("modern_tcn")
    space = search_space("modern_tcn", also=["features", "augmentation"])
    check_space(space, "modern_tcn")
    assert search_space("modern_tcn") == before, "an addition must not stay"
    for end in (0, 1):
        settings = {group: {key: _ends(value)[end] for key, value in part.items()} for group, part in space.items()}
        features = create_features(settings["features"], 50.0)
        assert len(features) == end * len(space["features"])
        assert len(create_augmentations(settings["augmentation"], seed=0)) == 2 * end
        if features:
            assert FeatureStack(features).compute_output_shape((None, 128, 9))[1] == 128
    with pytest.raises(ValueError, match="Did you mean 'features'"):
        search_space("modern_tcn", also=["feature"])


def test_an_unknown_model_or_size_is_named():
    with pytest.raises(ValueError, match="Did you mean 'modern_tcn'"):
        search_space("modern_tcm")
    with pytest.raises(ValueError, match="Did you mean 'quick'"):
        search_space("modern_tcn", "quik")
