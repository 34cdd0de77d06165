from dataclasses import replace

import pytest

from kerashar.baselines import create_baseline, evaluate_baseline, list_baselines
from tests.synthetic import make_split

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", list_baselines())
def test_learns_and_repeats(name):
    split = make_split()
    first, second = (evaluate_baseline(name, split, seed=1) for _ in range(2))
    assert first.accuracy > 0.9
    assert first == second


def test_a_class_that_training_lacks():
    split = make_split()
    lacking = replace(
        split,
        train=split.train.select(split.train.labels != 1),
        validation=split.validation.select(split.validation.labels != 1),
    )
    test = evaluate_baseline(list_baselines()[0], lacking)
    assert test.per_class["slow"] == 0
    assert test.per_class["still"] > 0.7


def test_an_unknown_name():
    with pytest.raises(ValueError, match="Did you mean 'handcrafted_boosting'"):
        create_baseline("handcrafted_bosting", 50.0)
