"""Batches in order, resumed exactly, and fed to Keras on each backend; parts and weights of classes."""

import json
import multiprocessing
import subprocess
import sys
import threading
import zipfile
from itertools import chain, islice

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import compute_class_weight

from kerashar.data.batch_sources import ArraySource, RecordSource, image_file_source
from kerashar.data.images import decode_images, find_images
from kerashar.data.input_pipeline import InputPipeline
from kerashar.data.sampling import balanced_class_weights, balanced_order, class_weights, nested_fraction

from .conftest import REAL_DATA

once = pytest.mark.once


@pytest.fixture
def pipeline():
    """Makes pipelines of numbered samples, and ends their threads."""
    made = []

    def make(count=50, batch_size=8, **options):
        numbers = np.arange(count)
        made.append(InputPipeline(ArraySource(numbers[:, None], numbers % 3), batch_size, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def image_zip(tmp_path_factory):
    path = tmp_path_factory.mktemp("images") / "images.zip"
    with zipfile.ZipFile(REAL_DATA / "cifar10_images.zip") as source, zipfile.ZipFile(path, "w") as target:
        for kind in ("cat", "ship"):
            for number in range(30):
                name = f"CIFAR-10-images/train/{kind}/{number:04}.jpg"
                target.writestr(name, source.read(name))
    return path


def numbers(batches):
    return [inputs[:, 0].tolist() for inputs, _ in batches]


def flat(batches):
    return list(chain.from_iterable(batches))


# === Order ===


@once
def test_an_epoch_has_each_sample_once(pipeline):
    shuffled = pipeline(drop_last=False)
    first, second = numbers(shuffled), numbers(shuffled)
    assert len(shuffled) == len(first) == 7
    assert sorted(flat(first)) == sorted(flat(second)) == list(range(50))
    assert first != second
    assert [len(batch) for batch in first] == [8] * 6 + [2]
    full = pipeline()
    assert len(full) == 6
    assert numbers(full) == first[:6]
    in_order = pipeline(sampling="in order", drop_last=False)
    assert flat(numbers(in_order)) == flat(numbers(in_order)) == list(range(50))
    assert len(pipeline(count=3)) == 1


@once
def test_order_follows_from_seed_and_epoch_alone(pipeline):
    expected = numbers(islice(pipeline(seed=4).endless(), 20))
    assert numbers(islice(pipeline(seed=4, threads=4, ahead=9).endless(), 20)) == expected
    assert numbers(islice(pipeline(seed=5).endless(), 20)) != expected
    later = pipeline(seed=4)
    later.restore(later.state(given=12))
    assert numbers(later) == expected[12:18]
    # As the training loop draws it; and no epoch of one seed is an epoch of another.
    order = np.random.default_rng([4, 2]).permutation(50)
    assert flat(expected[12:18]) == order[:48].tolist()
    assert numbers(islice(pipeline(seed=5).endless(), 6)) != expected[6:12]


@once
def test_inputs_keep_their_answers(pipeline):
    for inputs, answers in islice(pipeline(threads=3).endless(), 20):
        np.testing.assert_array_equal(inputs[:, 0] % 3, answers)


# === Resuming ===


@once
@settings(deadline=None, max_examples=25)
@given(
    count=st.integers(1, 40),
    batch_size=st.integers(1, 12),
    given_before=st.integers(0, 30),
    sampling=st.sampled_from(["shuffled", "balanced", "in order"]),
    drop_last=st.booleans(),
)
def test_resumes_at_any_batch(count, batch_size, given_before, sampling, drop_last):
    def make():
        samples = np.arange(count)
        source = ArraySource(samples[:, None], samples % 3)
        return InputPipeline(source, batch_size, seed=1, sampling=sampling, drop_last=drop_last)

    first, second = make(), make()
    for _ in islice(first.endless(), given_before):
        pass
    state = json.loads(json.dumps(first.state()))
    assert state == second.state(given_before)
    second.restore(state)
    expected = numbers(islice(first.endless(), 10))
    assert numbers(islice(second.endless(), 10)) == expected
    first.restore(state)  # back, with batches prepared ahead
    assert numbers(islice(first.endless(), 10)) == expected
    first.close()
    assert first.state() == second.state()
    second.close()


@once
def test_resumes_in_another_process(pipeline):
    straight = pipeline(seed=2)
    for _ in islice(straight.endless(), 9):
        pass
    code = (
        "import itertools, json, sys, numpy as np\n"
        "from kerashar.data.batch_sources import ArraySource\n"
        "from kerashar.data.input_pipeline import InputPipeline\n"
        "numbers = np.arange(50)\n"
        "pipeline = InputPipeline(ArraySource(numbers[:, None], numbers % 3), 8, seed=2, threads=2)\n"
        "pipeline.restore(json.load(sys.stdin))\n"
        "print(json.dumps([inputs[:, 0].tolist() for inputs, _ in itertools.islice(pipeline.endless(), 15)]))\n"
    )
    state = json.dumps(straight.state())
    done = subprocess.run([sys.executable, "-c", code], input=state, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == numbers(islice(straight.endless(), 15))


@once
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 3}, "seed=0.*seed=3"),
        ({"samples": 51}, "samples=50"),
        ({"batch_size": None}, "batch_size=8"),
        ({"sampling": "balanced"}, "sampling='shuffled'"),
        ({"batch": 6}, "from 0 to 5.*batch=6"),
        ({"epoch": -1}, "epoch=-1"),
        ({"epoch": "2"}, "epoch='2'"),
    ],
)
def test_refuses_states_of_others(pipeline, change, message):
    one = pipeline()
    next(one.endless())
    with pytest.raises(ValueError, match=message):
        one.restore({**one.state(), **change})
    assert one.state()["batch"] == 1


@once
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size=0"),
        ({"threads": 0}, "threads=0"),
        ({"processes": -1}, "processes=-1"),
        ({"ahead": 0}, "ahead=0"),
        ({"count": 0}, "Received: none"),
        ({"seed": -1}, "seed=-1"),
        ({"sampling": "random"}, "'random'"),
    ],
)
def test_refuses_arguments(pipeline, options, message):
    with pytest.raises(ValueError, match=message):
        pipeline(**options)


# === Sources ===


@once
def test_windows(make_windows):
    windows = make_windows(["01", "02"])
    with_threads = InputPipeline(windows, 4, sampling="in order")
    inputs, labels = next(iter(with_threads))
    np.testing.assert_array_equal(inputs, windows.windows[:4])
    np.testing.assert_array_equal(labels, windows.labels[:4])
    with_threads.close()


@once
def test_images_decoded_before_and_on_the_way_are_the_same(image_zip, tmp_path):
    files = find_images(image_zip)
    mapped = decode_images(files, out=tmp_path / "images.npy")
    read = image_file_source(files, (32, 32))
    pipelines = [
        InputPipeline(mapped, 16, seed=1),
        InputPipeline(read, 16, seed=1, threads=3),
        InputPipeline(read, 16, seed=1, processes=2),
    ]
    for at in ({"epoch": 0, "batch": 0}, {"epoch": 1, "batch": 2}):
        for one in pipelines:
            one.restore({**one.state(), **at})
        for each in zip(*(islice(one.endless(), 5) for one in pipelines), strict=True):
            assert each[0][0].dtype == np.uint8
            for other in each[1:]:
                for ours, theirs in zip(each[0], other, strict=True):
                    np.testing.assert_array_equal(ours, theirs)
    for one in pipelines:
        one.close()


@once
def test_a_broken_file_is_named(image_zip, tmp_path):
    with zipfile.ZipFile(image_zip) as source, zipfile.ZipFile(tmp_path / "broken.zip", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name)[: 300 if name.endswith("ship/0007.jpg") else None])
    for options in ({}, {"processes": 1}):
        broken = InputPipeline(image_file_source(find_images(tmp_path / "broken.zip")), 8, **options)
        with pytest.raises(ValueError, match=r"ship/0007\.jpg.*decode_images"):
            list(broken)
        broken.close()


@once
def test_records_and_their_labels():
    records = InputPipeline(RecordSource(20, lambda index: (np.full(2, index), index % 2)), 5, threads=2)
    for inputs, answers in records:
        np.testing.assert_array_equal(inputs[:, 1] % 2, answers)
    records.close()
    with pytest.raises(ValueError, match="balanced sampling"):
        InputPipeline(records.source, 5, sampling="balanced")
    with pytest.raises(ValueError, match="an answer for each of 3"):
        ArraySource(np.zeros(3), np.zeros(2))


@once
def test_threads_end(pipeline):
    before = set(threading.enumerate())  # some may be another test's, about to end
    one = pipeline(threads=4)
    next(one.endless())
    started = set(threading.enumerate()) - before
    assert started
    one.close()
    for thread in started:
        thread.join(timeout=10)
    assert not any(thread.is_alive() for thread in started)
    assert one.state()["batch"] == 1
    next(one.endless())
    assert one.state()["batch"] == 2


@once
def test_processes_end(pipeline):
    before = set(multiprocessing.active_children())
    one = pipeline(processes=2)
    next(one.endless())
    started = set(multiprocessing.active_children()) - before
    assert len(started) == 2
    one.close()
    for process in started:
        process.join(timeout=10)
    assert not any(process.is_alive() for process in started)


# === Keras, on each backend ===


def small_network():
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=False)
    return model


@pytest.fixture(scope="session")
def learnable():
    random = np.random.default_rng(0)
    return ArraySource(random.integers(0, 256, (50, 8, 8, 3), dtype=np.uint8), random.integers(0, 2, 50))


def test_fit_trains_on_the_batches_of_the_pipeline(learnable):
    model, by_hand = small_network(), small_network()
    pipeline = InputPipeline(learnable, 8, seed=3)
    evaluation = InputPipeline(learnable, 16, sampling="in order", drop_last=False)
    model.fit(pipeline.endless(), steps_per_epoch=len(pipeline), epochs=3, shuffle=False, verbose=0)
    for epoch in range(3):
        order = np.random.default_rng([3, epoch]).permutation(50)
        for start in range(0, 48, 8):
            by_hand.train_on_batch(*learnable.batch(order[start : start + 8]))
    for one, other in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    expected = model.evaluate(learnable.inputs, learnable.answers, batch_size=16, verbose=0)
    for _ in range(2):
        assert model.evaluate(iter(evaluation), steps=len(evaluation), verbose=0) == pytest.approx(expected, rel=1e-5)
    pipeline.close()
    evaluation.close()


def test_fit_goes_on_in_the_middle_of_an_epoch(learnable):
    straight, stopped = small_network(), small_network()
    first, second = (InputPipeline(learnable, 8, seed=3) for _ in range(2))
    straight.fit(first.endless(), steps_per_epoch=15, shuffle=False, verbose=0)
    stopped.fit(second.endless(), steps_per_epoch=4, shuffle=False, verbose=0)
    resumed = InputPipeline(learnable, 8, seed=3)
    resumed.restore(second.state(given=int(stopped.optimizer.iterations)))
    stopped.fit(resumed.endless(), steps_per_epoch=11, shuffle=False, verbose=0)
    for one, other in zip(straight.get_weights(), stopped.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    for one in (first, second, resumed):
        one.close()


# === Parts, weights, balance ===


@once
@settings(deadline=None, max_examples=50)
@given(data=st.data(), seed=st.integers(0, 1000))
def test_fractions_nest_and_keep_classes_and_groups(data, seed):
    counts = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=8))
    cells = np.repeat(np.arange(len(counts)), counts)
    labels, groups = cells % 3, np.array([f"subject {cell // 3}" for cell in cells])
    before = set()
    for fraction in (0.25, 0.5, 0.75, 1.0):
        rows = nested_fraction(labels, fraction, seed, groups)
        assert before <= set(rows.tolist())
        before = set(rows.tolist())
        assert set(labels[rows]) == set(labels)
        assert len(rows) == max(round(fraction * len(labels)), len(set(labels)))
        for cell, count in enumerate(counts):
            assert abs((cells[rows] == cell).sum() - fraction * count) < 2.5
    assert len(before) == len(labels)
    np.testing.assert_array_equal(
        nested_fraction(labels, 0.5, seed, groups), nested_fraction(labels, 0.5, seed, groups)
    )


@once
def test_fractions_of_real_subjects(hapt_windows):
    rows = nested_fraction(hapt_windows.labels, 0.25, groups=hapt_windows.subjects)
    assert set(hapt_windows.subjects[rows]) == set(hapt_windows.subjects)
    some = np.bincount(hapt_windows.labels[rows])
    assert np.abs(some - 0.25 * np.bincount(hapt_windows.labels)).max() <= 10
    assert set(rows) != set(nested_fraction(hapt_windows.labels, 0.25, 1, hapt_windows.subjects))


@once
def test_class_weights_as_scikit_learn(hapt_windows):
    for labels in (hapt_windows.labels, np.array([3, 3, 0])):
        expected = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
        assert list(class_weights(labels)) == np.unique(labels).tolist()
        np.testing.assert_allclose(list(class_weights(labels).values()), expected)


@once
def test_balanced_orders():
    labels = np.repeat([0, 1, 4], [50, 7, 3])
    seen = set()
    for epoch in range(3):
        rows = balanced_order(labels, seed=1, epoch=epoch)
        assert np.bincount(labels[rows]).tolist() == [20, 20, 0, 0, 20]
        seen |= set(rows.tolist())
        counts = np.bincount(rows, minlength=60)
        assert counts[50:57].min() >= 2  # of 20 turns among 7
    assert seen == set(range(60))
    np.testing.assert_array_equal(balanced_order(labels, 1, 2), rows)
    assert balanced_order(labels, 2, 2).tolist() != rows.tolist()
    firsts = [balanced_order(labels, 1, epoch)[:30] for epoch in range(20)]
    assert np.bincount(labels[np.concatenate(firsts)]).min(where=[1, 1, 0, 0, 1], initial=999) > 150


@once
@pytest.mark.parametrize("labels", [[], [0.5, 1.0], [[0, 1]], ["a", "b"]])
def test_refuses_labels(labels):
    for function in (
        class_weights,
        lambda given: nested_fraction(given, 0.5),
        lambda given: balanced_order(given, 0, 0),
    ):
        with pytest.raises(ValueError, match="integer labels"):
            function(np.array(labels))


@once
def test_refuses_fractions():
    for fraction in (0.0, 1.1, -0.5, float("nan")):
        with pytest.raises(ValueError, match="0 < fraction <= 1"):
            nested_fraction(np.array([0, 1]), fraction)
    with pytest.raises(ValueError, match="a group for each of 2"):
        nested_fraction(np.array([0, 1]), 0.5, groups=np.array(["a"]))


@once
def test_balanced_class_weights():
    labels = np.array([0, 0, 0, 2, 2, 3])
    weights = np.array(balanced_class_weights(labels, 5))
    np.testing.assert_allclose(weights, [6 / 9, 1, 1, 2, 1])
    assert weights[labels].mean() == pytest.approx(1)
    for bad in (np.array([], int), np.array([-1]), np.array([5]), np.zeros((2, 2), int)):
        with pytest.raises(ValueError, match="from 0 to 4"):
            balanced_class_weights(bad, 5)
