import pytest

from kerashar.models import create_model, list_models, model_card, model_settings, register_model


def test_lists_by_pattern():
    assert "modern_tcn" in list_models()
    assert list_models("modern*") == ["modern_tcn"]
    assert list_models("nothing*") == []


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match=r"'modern_tcn', taken by ModernTCN"):
        register_model("modern_tcn", model_card("modern_tcn"))(object)  # pyright: ignore[reportArgumentType]


def test_unknown_names_get_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'modern_tcn'"):
        create_model("modern_tcm", (128, 9), 6)
    with pytest.raises(ValueError, match="Did you mean 'hidden'"):
        create_model("modern_tcn", (128, 9), 6, hiden=3)


def test_settings_are_the_constructors():
    assert model_settings("modern_tcn")["blocks"] == 3
    assert "window_shape" not in model_settings("modern_tcn")
