"""What holds for every registered model."""

import pytest

from kerashar.models import create_model, list_models, model_card
from tests.support import check_backends_agree, check_model, check_receptive_field


@pytest.mark.parametrize("name", list_models())
def test_model_check(name, tmp_path):
    check_model(name, tmp_path)


def test_backends_agree(tmp_path):
    check_backends_agree(
        {name: create_model(name, model_card(name).input_shape, 6) for name in list_models()}, tmp_path
    )


@pytest.mark.once
@pytest.mark.parametrize("name", [name for name in list_models() if model_card(name).receptive_field is not None])
def test_receptive_field(name):
    check_receptive_field(name)
