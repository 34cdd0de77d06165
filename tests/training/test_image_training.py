"""Recipes, folds and searches on images; what windows have in common with them is tested with windows."""

import json
from dataclasses import replace

import numpy as np
import pytest
from keras import ops

from kerashar.data.images import ImageSet, ImageSplit, load_images
from kerashar.models import FeatureModel, create_model, load_model
from kerashar.search.shared_windows import load_sides, store_once
from kerashar.search.training_objective import measure
from kerashar.training import Recipe, compare_runs, evaluate, predict_logits, recipe_split, train
from kerashar.training.checks import quick_checks
from kerashar.training.cross_validation import cross_validate
from kerashar.training.predictions import Predictions
from kerashar.training.prepared_run import prepare
from kerashar.training.recipe_data import recipe_samples
from kerashar.training.sides import Sides
from tests.training.image_folders import SIZE, make_image_split, make_images, write_images, write_numbers

SMALL = {"widths": [8], "convolutions": 1}


def recipe(**changes):
    given = {"model": "plain_cnn", "model_settings": SMALL, "epochs": 3, "batch_size": 8, "learning_rate": 1e-2}
    return Recipe(**{**given, **changes})


def test_learns_from_bytes_by_a_rich_recipe(tmp_path):
    split = make_image_split()
    rich = recipe(
        epochs=8,
        augmentation={"mixup": 0.2, "flip": True},
        layer_decay=0.8,
        class_weights="balanced",
        precision="mixed_bfloat16",
        data_settings={"fraction": 0.75},
    )
    model = train(rich, split, tmp_path).model
    figures = evaluate(model, split.test)
    assert figures.accuracy > 0.8
    assert not figures.per_subject  # each image is a group of its own
    loaded = load_model(tmp_path / "model.keras")
    ours, theirs = (predict_logits(model, split.test.images.astype(kind)) for kind in ("uint8", "float32"))
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(predict_logits(loaded, split.test.images), ours, rtol=1e-5, atol=1e-5)


def test_normalisation_is_fitted_to_the_training_images():
    split = make_image_split()
    model = prepare(recipe(), split).model
    pixels = split.train.images.astype("float64")
    normalization = model.get_layer("normalization")
    np.testing.assert_allclose(normalization.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(normalization.deviation, pixels.std(axis=(0, 1, 2)), rtol=1e-6)


@pytest.mark.parametrize("mode", ["channels", "branch"])
def test_features_of_images(mode, tmp_path):
    split = make_image_split()
    given = recipe(features={"edge_magnitude": True}, features_mode=mode, epochs=1)
    result = train(given, split, tmp_path)
    assert isinstance(result.model, FeatureModel)
    again = predict_logits(load_model(tmp_path / "model.keras"), split.test.images)
    np.testing.assert_allclose(again, predict_logits(result.model, split.test.images), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="Expected signals, which have a sampling rate, with jerk"):
        prepare(recipe(features={"jerk": True}), split)


def test_folds_keep_groups_together_and_tell_the_likeliest_classes(tmp_path):
    images = make_images(each=12, groups=6)
    result = cross_validate(recipe(epochs=1), images, tmp_path, 3)
    held_out = [set(fold.subjects) for fold in result.folds]
    assert set.union(*held_out) == set(images.groups.tolist())
    assert sum(map(len, held_out)) == 6
    assert set(result.predictions.metrics().per_subject) == set(images.groups.tolist())
    said = Predictions.load(tmp_path / "predictions.npz")
    assert said.item == "image"
    assert said.recordings.tolist() == images.names.tolist()
    records = json.loads((tmp_path / "predictions.json").read_text())
    shares = np.exp(said.logits - said.logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    for record, share, name in zip(records, shares, images.names, strict=True):
        assert record["name"] == name
        assert list(record["top"]) == [images.class_names[each] for each in np.argsort(-share)]
        np.testing.assert_allclose(sum(record["top"].values()), 1, atol=1e-5)
    header, *rows = (tmp_path / "predictions.csv").read_text().splitlines()
    assert header == "name,group,label,top_1,probability_1,top_2,probability_2,top_3,probability_3"
    assert len(rows) == len(images)
    assert compare_runs(tmp_path, tmp_path).difference == 0


@pytest.mark.once
def test_folds_of_images_without_groups(tmp_path):
    split = make_image_split()
    result = cross_validate(recipe(epochs=1), split, tmp_path, 2, stratify=True, test=True)
    assert result.test is not None
    assert [fold.held_out.count for fold in result.folds] == [len(fold.subjects) for fold in result.folds]
    low, high = result.summary()["accuracy"]["interval"]
    assert low <= result.summary()["accuracy"]["pooled"] <= high
    assert not (tmp_path / "subjects.csv").exists()
    assert "images" in (tmp_path / "folds.csv").read_text()
    with pytest.raises(ValueError, match="images that each stand alone"):
        compare_runs(tmp_path, tmp_path)


def test_the_processes_of_a_search_get_the_same_images(tmp_path):
    split = make_image_split(groups=8)
    sides = load_sides(store_once(Sides(split.train, split.validation), tmp_path))
    for name in ("train", "validation"):
        ours, theirs = getattr(split, name), getattr(sides, name)
        assert isinstance(theirs, ImageSet)
        assert theirs.fingerprint() == ours.fingerprint()
        assert theirs.groups.tolist() == ours.groups.tolist()
    assert measure(recipe(), sides.train)["parameters"] == prepare(recipe(), split).model.count_params()


@pytest.mark.once
def test_checks_before_a_run(tmp_path):
    split = make_image_split()
    verdicts = {each.name: each.passed for each in quick_checks(prepare(recipe(), split).model, split, recipe())}
    assert verdicts == {"leak_guard": True, "class_balance": True, "receptive_field_fits": None, "initial_loss": True}


@pytest.mark.once
def test_targets_are_not_classes():
    images = make_images()
    numbers = replace(images, labels=None, class_names=(), targets=np.linspace(0, 1, len(images)))
    with pytest.raises(ValueError, match=r"Expected images with classes.*data_settings={'class_width': 0.1}"):
        train(recipe(), Sides(numbers, numbers))


@pytest.mark.once
def test_a_recipe_finds_its_images_and_decodes_them_once(tmp_path):
    folder = write_images(tmp_path / "colours", make_images())
    given = recipe(data=str(folder), split="drawn", data_settings={"size": SIZE}, split_settings={"test_share": 0.25})
    split = recipe_split(given, cache=tmp_path)
    assert isinstance(split, ImageSplit)
    assert split.train.image_shape == (SIZE, SIZE, 3)
    (kept,) = (tmp_path / "images").glob("*.npy")
    assert load_images(kept).class_counts() == {"blue": 16, "green": 16, "red": 16}
    before = kept.stat().st_mtime_ns
    again = recipe_split(given, cache=tmp_path)
    assert again.test.fingerprint() == split.test.fingerprint()
    assert kept.stat().st_mtime_ns == before
    assert recipe_split(replace(given, seed=1), cache=tmp_path).test.fingerprint() != split.test.fingerprint()
    (folder / "blue" / "000.png").unlink()  # now it is another folder
    recipe_split(given, cache=tmp_path)
    assert len(list((tmp_path / "images").glob("*.npy"))) == 2
    from_file = recipe_split(replace(given, data=str(kept), data_settings={}))
    assert from_file.test.fingerprint() == split.test.fingerprint()
    moved = recipe_split(replace(given, data_settings={}, data="elsewhere"), archive=kept)
    assert moved.test.fingerprint() == split.test.fingerprint()


def numbered(folder, numbers, **data):
    """A recipe of images with these numbers, which are written into a folder."""
    table = write_numbers(folder / "angles", make_images(), numbers)
    settings = {"size": SIZE, "labels": str(table), "target": "angle", **data}
    return recipe(data=str(table.with_suffix("")), split="drawn", data_settings=settings, epochs=1)


@pytest.mark.once
def test_numbers_become_classes_of_equal_width(tmp_path):
    numbers = np.r_[0.0, 50.0, 24.9, 25.0, np.linspace(26, 49, 44)]  # nothing from 12.5 to 24.9
    given = numbered(tmp_path, numbers, class_width=0.25)
    images = recipe_samples(given, cache=tmp_path)
    assert images.class_names == ("0 to 12.5", "12.5 to 25", "25 to 37.5", "37.5 to 50")
    assert images.targets is None
    assert images.labels[:4].tolist() == [0, 3, 1, 2]
    (kept,) = (tmp_path / "images").glob("*.npy")
    decoded = recipe_samples(replace(given, data=str(kept), data_settings={"class_width": 0.25}))
    assert decoded.fingerprint() == images.fingerprint()
    finer = replace(given, data_settings={**given.data_settings, "class_width": 0.05})
    names = recipe_samples(finer, cache=tmp_path).class_names
    assert names[:2] == ("0 to 2.5", "22.5 to 25")  # those between never occur
    assert len(names) == 12


@pytest.mark.once
def test_classes_of_any_width_have_the_split_of_the_numbers(tmp_path):
    given = numbered(tmp_path, np.arange(48.0) ** 2)
    splits = [recipe_split(given, cache=tmp_path)]
    for width in (0.5, 0.1):
        settings = {**given.data_settings, "class_width": width}
        splits.append(recipe_split(replace(given, data_settings=settings), cache=tmp_path))
    for name in ("train", "validation", "test"):
        sides = [getattr(split, name) for split in splits]
        assert sides[0].targets is not None
        assert [side.names.tolist() for side in sides[1:]] == [sides[0].names.tolist()] * 2
        assert sides[1].labels.tolist() == (sides[0].targets > 47**2 / 2).astype(int).tolist()


def test_learns_classes_of_numbers(tmp_path):
    colours = make_images()
    given = numbered(tmp_path, np.r_[10.0, 30.0, 70.0][colours.labels] + np.arange(48) / 48, class_width=0.25)
    split = recipe_split(replace(given, epochs=8), cache=tmp_path)
    result = train(replace(given, epochs=8), split, tmp_path / "run")
    assert result.model.output_shape == (None, 3)  # the third quarter holds nothing
    assert evaluate(load_model(tmp_path / "run" / "model.keras"), split.test).accuracy > 0.8


@pytest.mark.once
def test_what_class_width_refuses(tmp_path):
    folder = write_images(tmp_path / "colours", make_images(each=4))
    with pytest.raises(ValueError, match=r"a number each for class_width.*classes blue, green, red. Leave"):
        recipe_split(
            recipe(data=str(folder), split="drawn", data_settings={"size": SIZE, "class_width": 0.1}), cache=tmp_path
        )
    for width in (0.7, 0.3):
        given = numbered(tmp_path / str(width), np.arange(48.0), class_width=width)
        with pytest.raises(ValueError, match=f"whole classes, at least 2.*Received: width={width}"):
            recipe_split(given, cache=tmp_path)
    with pytest.raises(ValueError, match="low below a finite high"):
        recipe_samples(numbered(tmp_path / "same", np.ones(48), class_width=0.1), cache=tmp_path)


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "official"}, "Draw a test side: split='drawn'"),
        ({"data_settings": {"seconds": 2.0}}, "Expected a known setting of the data of plain_cnn. Received: 'seconds'"),
        ({"split": "subjects", "split_settings": {"test_subjects": ["nobody"]}}, "Received: \\['nobody'\\]"),
        ({"split": "official", "split_settings": {"validation_subjects": ["a"]}}, "Expected a validation_share"),
        ({"data": None}, "names its data set"),
        ({"data": "nowhere"}, "nothing at nowhere"),
    ],
)
def test_what_a_recipe_of_images_refuses(changes, message, tmp_path):
    folder = write_images(tmp_path / "colours", make_images(each=2))
    given = recipe(**{"data": str(folder), "split": "drawn", "data_settings": {"size": SIZE}, **changes})
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        recipe_split(given, cache=tmp_path)


@pytest.mark.once
def test_a_start_from_published_weights_keeps_their_normalisation(tmp_path):
    from tests.timm_models import publish, timm_model

    file = publish(timm_model("convnext_tiny", (32, 32), depths=(1, 1, 1, 1), dims=(4, 8, 12, 16)), tmp_path)
    settings = {"depths": [1, 1, 1, 1], "widths": [4, 8, 12, 16]}
    given = recipe(model="convnext_tiny", model_settings=settings, start=str(file), trained_depth=0)
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype="uint8")
    large = ImageSet(images, [str(each) for each in range(6)], np.arange(6) % 3, class_names=("a", "b", "c"))
    model = prepare(given, Sides(large, large)).model
    published = create_model("convnext_tiny", (32, 32, 3), 3, weights=file, **settings)
    np.testing.assert_allclose(model.get_layer("normalization").mean, [123.675, 116.28, 103.53], rtol=1e-6)
    for ours, theirs in zip(model.layers, published.layers, strict=True):
        if ours.name != "logits":
            for one, other in zip(ours.weights, theirs.weights, strict=True):
                np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))
