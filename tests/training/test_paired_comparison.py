"""Comparing two recipes by subject."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.stats import permutation_test, wilcoxon

from kerashar.training.paired_comparison import compare_runs, sign_flip_p_value
from kerashar.training.predictions import Predictions
from tests.synthetic import make_windows

pytestmark = pytest.mark.once


def said(right_of, windows_each=20, seed=0):
    """Predictions that are right in the given share of each subject's windows."""
    generator = np.random.default_rng(seed)
    windows = make_windows(subjects=len(right_of), windows_each=windows_each)
    logits = generator.normal(scale=0.1, size=(len(windows), 3))
    for number, share in enumerate(right_of):
        rows = np.arange(number * windows_each, (number + 1) * windows_each)
        right = rows[: round(share * windows_each)]
        wrong = rows[len(right) :]
        logits[right, windows.labels[right]] += 5
        logits[wrong, (windows.labels[wrong] + 1) % 3] += 5
    return Predictions.of(logits.astype("float32"), windows)


FIRST = [0.5, 0.6, 0.9, 0.7, 0.8, 0.55, 0.65]
SECOND = [0.7, 0.65, 0.9, 0.8, 0.75, 0.75, 0.85]


def test_differences_interval_and_tests():
    comparison = compare_runs(said(FIRST), said(SECOND, seed=1))
    gained = np.subtract(SECOND, FIRST)
    assert comparison.subjects == [f"s{number}" for number in range(7)]
    assert comparison.first == pytest.approx(FIRST)
    assert comparison.differences == pytest.approx(gained)
    assert comparison.difference == pytest.approx(gained.mean())
    assert comparison.interval[0] < comparison.difference < comparison.interval[1]
    exact = permutation_test((gained.round(9),), np.mean, permutation_type="samples", n_resamples=10_000)
    assert comparison.p_value == pytest.approx(exact.pvalue)
    ranked: Any = wilcoxon(gained.round(9))
    assert comparison.wilcoxon_p_value == pytest.approx(ranked.pvalue)
    assert comparison.smallest_p_value == 2 / 2**7


def test_macro_f1_is_compared_within_each_subject():
    first, second = said(FIRST), said(SECOND)
    comparison = compare_runs(first, second, "macro_f1")
    assert comparison.second == [row["macro_f1"] for row in second.metrics().per_subject.values()]
    with pytest.raises(ValueError, match="Did you mean 'accuracy'"):
        compare_runs(first, second, "acuracy")  # pyright: ignore[reportArgumentType] (the point)


def test_a_recipe_does_not_differ_from_itself():
    comparison = compare_runs(said(FIRST), said(FIRST))
    assert comparison.difference == 0
    assert comparison.interval == (0, 0)
    assert comparison.p_value == comparison.wilcoxon_p_value == 1


def test_swapping_the_recipes_turns_the_sign_only():
    there, back = compare_runs(said(FIRST), said(SECOND)), compare_runs(said(SECOND), said(FIRST))
    assert there.difference == -back.difference
    assert there.p_value == back.p_value


def test_sign_flips_are_exact_for_few_subjects_and_drawn_for_many():
    assert sign_flip_p_value(np.ones(20)) == 2 / 2**20
    generator = np.random.default_rng(0)
    many = generator.normal(0.3, 1, 40)
    drawn = permutation_test((many,), np.mean, permutation_type="samples", n_resamples=50_000, rng=1)
    assert sign_flip_p_value(many) == pytest.approx(drawn.pvalue, abs=0.01)
    assert sign_flip_p_value(many) == sign_flip_p_value(many)
    assert sign_flip_p_value(np.ones(60)) == 1 / 100_001  # never 0


def test_the_test_keeps_its_level():
    # Where two recipes are alike, p is at most 0.05 in about one of twenty comparisons.
    generator = np.random.default_rng(0)
    values = [sign_flip_p_value(generator.normal(size=8)) for _ in range(600)]
    assert 0.025 < np.mean(np.array(values) <= 0.05) < 0.07


def test_other_windows_are_refused():
    first = said(FIRST)
    with pytest.raises(ValueError, match="Expected the same subjects"):
        compare_runs(first, said(SECOND[:6]))
    for change, words in (
        ({"starts": first.starts + 1}, "other starts"),
        ({"labels": 2 - first.labels}, "other labels"),
        ({"class_names": first.class_names[::-1]}, "other class_names"),
        ({"data": "another"}, "windows of other samples"),
    ):
        with pytest.raises(ValueError, match=words):
            compare_runs(first, replace(first, **change))


def test_files(tmp_path):
    first, second = said(FIRST), said(SECOND)
    first.save(tmp_path / "a" / "predictions.npz")
    second.save(tmp_path / "b" / "predictions.npz")
    assert compare_runs(tmp_path / "a", tmp_path / "b") == compare_runs(first, second)
    with pytest.raises(FileNotFoundError, match="which has no predictions"):
        compare_runs(tmp_path / "a", tmp_path / "c")
    (tmp_path / "a" / "predictions.npz").write_bytes(b"PK damaged")
    with pytest.raises(ValueError, match="to hold predictions"):
        compare_runs(tmp_path / "a", tmp_path / "b")
    np.savez(tmp_path / "a" / "predictions.npz", logits=np.zeros(3))
    with pytest.raises(ValueError, match="labels"):
        compare_runs(tmp_path / "a", tmp_path / "b")
    np.savez(tmp_path / "a" / "predictions.npz", logits=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="to hold predictions"):
        compare_runs(tmp_path / "a", tmp_path / "b")
    with pytest.raises(ValueError, match="Expected logits"):
        Predictions.of(np.zeros((2, 3)), make_windows())


def test_the_picture(tmp_path):
    compare_runs(said(FIRST), said(SECOND)).draw(tmp_path / "differences.svg")
    text = (tmp_path / "differences.svg").read_text()
    assert set(re.findall(r"<!-- (s\d) -->", text)) == {f"s{number}" for number in range(7)}
    assert "second minus first" in text
