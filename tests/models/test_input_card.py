import json
import zipfile
from dataclasses import replace

import pytest

from kerashar.models import Ensemble, InputCard, create_model, load_model, save_model
from kerashar.training import evaluate
from kerashar.training.input_cards import card_of
from tests.synthetic import make_split
from tests.training.image_folders import make_images

SMALL = {"hidden": 4, "blocks": 1}
CARD = InputCard("window", ("still", "slow", "fast"), (32, 2), 32.0, ("x", "y"), ("g", "g"))


def carded():
    model = create_model("modern_tcn", (32, 2), 3, **SMALL)
    model.input_card = CARD
    return model


def test_it_travels_in_the_file_and_into_ensembles(tmp_path):
    save_model(carded(), tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.input_card == CARD
    save_model(Ensemble([loaded, carded()]), tmp_path / "both.keras")
    assert load_model(tmp_path / "both.keras").input_card == CARD
    other = carded()
    other.input_card = replace(CARD, rate=50.0)
    assert getattr(Ensemble([loaded, other]), "input_card", None) is None
    save_model(create_model("modern_tcn", (32, 2), 3, **SMALL), tmp_path / "plain.keras")
    assert load_model(tmp_path / "plain.keras").input_card is None


@pytest.mark.once
def test_other_data_are_refused():
    model, split = carded(), make_split()
    assert card_of(split.test) == CARD
    evaluate(model, split.test)
    for changes, message in (
        ({"rate": 50.0}, "rate 50.0 in place of 32.0"),
        ({"units": ("g", "m/s2")}, r"units \('g', 'm/s2'\) in place of"),
        ({"channels": ("y", "x")}, r"channels \('y', 'x'\)"),
        ({"class_names": ("slow", "still", "fast")}, r"classes \['slow', 'still', 'fast'\] in place of"),
    ):
        with pytest.raises(ValueError, match=message):
            evaluate(model, replace(split.test, **changes))


@pytest.mark.once
def test_the_card_of_images():
    assert card_of(make_images()) == InputCard("image", ("blue", "green", "red"), (8, 8, 3))


@pytest.mark.once
@pytest.mark.parametrize(
    "changes",
    [
        {"rate": None},
        {"rate": -1.0},
        {"rate": float("nan")},
        {"channels": ("x",)},
        {"units": (1, 2)},
        {"item": "film"},
        {"item": "image"},
        {"sample_shape": (32, 0)},
        {"sample_shape": "32x2"},
        {"class_names": [["still"]]},
        {"code": "import os"},
    ],
)
def test_a_file_whose_card_makes_no_sense_is_refused(changes, tmp_path):
    model = carded()
    model.input_card = None
    save_model(model, tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras", "a") as archive:
        archive.writestr("kerashar.json", json.dumps({**CARD.to_json(), **changes}))
    with pytest.raises(ValueError, match=r"Its kerashar\.json makes no sense"):
        load_model(tmp_path / "model.keras")
