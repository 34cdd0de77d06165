"""What holds for every registered model."""

import pytest

from kerashar.models import create_model, list_models, model_card
from tests.support import check_backends_agree, check_model, random_signal


@pytest.mark.parametrize("name", list_models())
def test_model_check(name, tmp_path):
    check_model(name, tmp_path)


@pytest.mark.parametrize("name", list_models())
def test_backends_agree(name, tmp_path):
    shape = model_card(name).input_shape
    check_backends_agree(create_model(name, shape, 6), random_signal(8, *shape), tmp_path)
