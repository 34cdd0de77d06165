"""What each augmentation of signals keeps, what it changes, and how its draws are distributed."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from kerashar.features.augment.signals.channel_mask import ChannelMask
from kerashar.features.augment.signals.colored_noise import ColoredNoise
from kerashar.features.augment.signals.cropping import Cropping
from kerashar.features.augment.signals.frequency_mask import FrequencyMask
from kerashar.features.augment.signals.jitter import Jitter
from kerashar.features.augment.signals.magnitude_warp import MagnitudeWarp
from kerashar.features.augment.signals.permutation import Permutation
from kerashar.features.augment.signals.phase_surrogate import PhaseSurrogate
from kerashar.features.augment.signals.rotation3d import Rotation3D
from kerashar.features.augment.signals.scaling import Scaling
from kerashar.features.augment.signals.time_mask import TimeMask
from kerashar.features.augment.signals.time_shift import TimeShift
from kerashar.features.augment.signals.time_warp import TimeWarp
from tests.features.augment.cases import TRIPLES, changed, changed_often, windows

TIME = 24


def ramps() -> np.ndarray:
    """Windows whose value is the time, in samples."""
    return np.tile(np.arange(TIME, dtype="float32")[None, :, None], (64, 1, 6))


def ones() -> np.ndarray:
    return np.ones((64, TIME, 6), "float32")


def axes() -> np.ndarray:
    """Windows whose first three samples are the axes of either sensor."""
    samples = np.zeros((64, TIME, 6), "float32")
    samples[:, :3] = np.tile(np.eye(3), 2)
    return samples


def test_jitter_has_each_channels_deviation() -> None:
    noise = changed(Jitter((0.1, 0.2, 0.3, 0.4, 0.5, 0.6), seed=1), windows()) - windows()
    np.testing.assert_allclose(noise.std(axis=(0, 1)), np.arange(1, 7) / 10, rtol=0.1)
    assert np.abs(noise.mean(axis=(0, 1))).max() < 0.06
    neighbours = (noise[:, 1:] * noise[:, :-1]).mean() / noise.var()
    assert abs(neighbours) < 0.05, "the noise is not white"


@pytest.mark.parametrize("time", [24, 25])
@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0])
def test_colored_noise_has_deviation_and_slope(exponent: float, time: int) -> None:
    noise = changed_often(ColoredNoise(0.5, exponent, seed=1), np.zeros((64, time, 6), "float32"), 4)
    assert noise.std() == pytest.approx(0.5, rel=0.06)
    assert np.abs(noise.mean(axis=1)).max() < 1e-6
    power = (np.abs(np.fft.rfft(noise, axis=1)) ** 2).mean(axis=(0, 2))[1:12]
    slope = np.polyfit(np.log(np.arange(1, 12)), np.log(power), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.1)


def test_scaling_has_one_factor_per_channel_and_window() -> None:
    factors = changed(Scaling(0.1, seed=1), windows()) / windows()
    assert np.ptp(factors, axis=1).max() < 1e-4
    assert factors[:, 0].mean() == pytest.approx(1, abs=0.02)
    assert factors[:, 0].std() == pytest.approx(0.1, rel=0.15)
    assert abs(np.corrcoef(factors[:, 0, 0], factors[:, 0, 2])[0, 1]) < 0.5


def test_scaling_keeps_the_direction_of_triples() -> None:
    factors = changed(Scaling(0.1, TRIPLES, seed=1), np.ones((64, TIME, 7), "float32"))[:, 0]
    for triple in TRIPLES:
        assert np.ptp(factors[:, triple], axis=1).max() == 0
    assert np.ptp(factors[:, (0, 1, 6)], axis=1).min() > 0, "groups share a factor"


def test_cropping_takes_a_stretch() -> None:
    cropped = changed(Cropping(0.5, seed=1), ramps())[..., 0]
    steps = np.diff(cropped, axis=1)
    np.testing.assert_allclose(steps, np.repeat(steps[:, :1], TIME - 1, axis=1), atol=1e-4)
    length = (cropped[:, -1] - cropped[:, 0]) / (TIME - 1)
    assert length.min() >= 0.5 - 1e-5
    assert length.max() <= 1
    assert length.mean() == pytest.approx(0.75, abs=0.08)
    assert cropped.min() >= 0
    assert cropped.max() <= TIME - 1


def test_rotation_turns_all_triples_alike() -> None:
    samples = windows()
    samples[..., TRIPLES[1]] = 2 * samples[..., TRIPLES[0]]
    turned = changed(Rotation3D(TRIPLES, seed=1), samples)
    for triple in TRIPLES:
        before, after = (np.linalg.norm(signal[..., triple], axis=-1) for signal in (samples, turned))
        np.testing.assert_allclose(after, before, rtol=1e-4)
    np.testing.assert_allclose(turned[..., TRIPLES[1]], 2 * turned[..., TRIPLES[0]], atol=1e-4)


def test_rotation_is_one_and_keeps_other_channels() -> None:
    turned = changed(Rotation3D(((0, 1, 2),), seed=1), axes())
    np.testing.assert_allclose(np.linalg.det(turned[:, :3, :3]), 1, atol=1e-5)
    np.testing.assert_array_equal(turned[..., 3:], axes()[..., 3:])


@pytest.mark.parametrize("max_angle", [30.0, 180.0])
def test_rotations_are_uniform(max_angle: float) -> None:
    matrices = changed_often(Rotation3D(max_angle=max_angle, seed=1), axes(), 63)[:, :3, :3]
    count = len(matrices)
    angle = np.arccos(np.clip((np.trace(matrices, axis1=1, axis2=2) - 1) / 2, -1, 1))
    # Kolmogorov and Smirnov's distance to (angle - sin angle), below 1.95 / sqrt(n) in 999 of 1000 runs.
    limit = np.radians(max_angle)
    expected = (angle - np.sin(angle)) / (limit - np.sin(limit))
    assert np.abs(np.sort(expected) - (np.arange(count) + 0.5) / count).max() < 1.95 / np.sqrt(count)
    assert angle.max() <= limit + 1e-3
    # The axis points everywhere.
    axis = np.stack([matrices[:, 2, 1] - matrices[:, 1, 2], matrices[:, 0, 2] - matrices[:, 2, 0]], axis=1)
    axis /= np.linalg.norm(matrices - matrices.transpose(0, 2, 1), axis=(1, 2))[:, None] / np.sqrt(2)
    assert np.abs(axis.mean(axis=0)).max() < 0.04
    np.testing.assert_allclose((axis**2).mean(axis=0), 1 / 3, atol=0.03)


def test_rotations_of_the_whole_sphere_leave_no_direction() -> None:
    turned = changed_often(Rotation3D(seed=1), axes(), 63)[:, 2, :3]
    assert np.abs(turned.mean(axis=0)).max() < 0.04
    np.testing.assert_allclose((turned**2).mean(axis=0), 1 / 3, atol=0.03)


@pytest.mark.parametrize("deviation", [0.2, 50.0])
def test_time_warp_runs_forward_between_both_ends(deviation: float) -> None:
    warped = changed(TimeWarp(deviation=deviation, seed=1), ramps())[..., 0]
    np.testing.assert_array_equal(warped[:, 0], 0)
    np.testing.assert_array_equal(warped[:, -1], TIME - 1)
    assert np.diff(warped, axis=1).min() >= 0
    samples = windows()
    warped = changed(TimeWarp(deviation=deviation, seed=1), samples)
    np.testing.assert_array_equal(warped[:, [0, -1]], samples[:, [0, -1]])


def test_time_warp_has_the_deviation_of_its_speed() -> None:
    steps = np.diff(changed_often(TimeWarp(knots=4, deviation=0.1, seed=1), ramps(), 8)[..., 0], axis=1)
    # Off the mean over the window, which the kept length takes away, at the ends, which are knots.
    logarithm = np.log(steps) - np.log(steps).mean(axis=1, keepdims=True)
    assert 0.07 < logarithm[:, [0, -1]].std() < 0.12
    np.testing.assert_allclose(changed(TimeWarp(deviation=0.0), ramps()), ramps(), atol=1e-4)


def test_magnitude_warp_is_a_smooth_curve_around_one() -> None:
    curves = changed_often(MagnitudeWarp(deviation=0.1, seed=1), ones(), 4)
    assert curves.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(curves[:, [0, -1]].std(axis=(0, 2)), 0.1, rtol=0.1)  # the ends are knots
    bends = np.diff(curves, 4, axis=1)  # a cubic has none
    assert np.abs(bends).max() < 1e-4
    assert abs(np.corrcoef(curves[:, 0, 0], curves[:, 0, 1])[0, 1]) < 0.25, "channels share a curve"


@pytest.mark.parametrize("segments", [1, 4, 5, TIME])
def test_permutation_moves_whole_segments(segments: int) -> None:
    moved = changed(Permutation(segments, seed=1), ramps())
    np.testing.assert_array_equal(np.sort(moved, axis=1), ramps())
    assert (np.ptp(moved, axis=-1) == 0).all(), "channels are moved apart"
    jumps = (np.diff(moved[..., 0], axis=1) != 1).sum(axis=1)
    assert jumps.max() <= segments - 1


def test_permutations_are_all_as_likely() -> None:
    moved = changed_often(Permutation(3, seed=1), ramps(), 19)[:, :: TIME // 3, 0]
    _, counts = np.unique(moved, axis=0, return_counts=True)
    assert len(counts) == 6
    assert np.abs(counts - 203).max() < 60


@pytest.mark.parametrize("fill", ["zero", "mean"])
def test_time_mask_blanks_a_stretch(fill: Any) -> None:
    samples = windows() + 3
    masked = changed(TimeMask(0.25, fill=fill, seed=1), samples)
    blank = (masked != samples).all(axis=-1)
    np.testing.assert_array_equal((masked != samples).any(axis=-1), blank)
    np.testing.assert_array_equal(blank.sum(axis=1), 6)
    edges = np.diff(blank.astype(int), axis=1, prepend=0, append=0)
    np.testing.assert_array_equal((edges == 1).sum(axis=1), 1)
    expected = samples.mean(axis=1, keepdims=True) if fill == "mean" else np.zeros((64, 1, 6))
    np.testing.assert_allclose(masked[blank], np.broadcast_to(expected, samples.shape)[blank], rtol=1e-5)


def test_time_masks_lie_everywhere() -> None:
    blank = np.equal(changed_often(TimeMask(0.25, fill="zero", seed=1), ones(), 30)[..., 0], 0)
    starts = np.bincount(blank.argmax(axis=1), minlength=TIME)
    assert starts[:19].min() > 50
    assert starts[:19].max() < 150
    assert starts[19:].sum() == 0


def test_channel_mask_has_its_share_and_keeps_one() -> None:
    masked = np.equal(changed_often(ChannelMask(0.3, seed=1), ones(), 31)[:, 0], 0)
    assert set(masked.sum(axis=1)) == {1, 2}
    np.testing.assert_allclose(masked.mean(axis=0), 0.3, atol=0.04)
    assert (changed(ChannelMask(1.0), ones())[:, 0].sum(axis=1) == 1).all()


def test_channel_mask_takes_whole_triples() -> None:
    masked = changed(ChannelMask(0.5, "consecutive", seed=1), ones())[:, 0]
    assert {tuple(row) for row in masked} == {(0, 0, 0, 1, 1, 1), (1, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("time", [24, 25])
def test_frequency_mask_removes_bins_of_all_channels(time: int) -> None:
    samples = np.random.default_rng(0).normal(size=(64, time, 6)).astype("float32")
    outputs = changed_often(FrequencyMask(0.3, seed=1), samples, 4)
    before, after = (np.fft.rfft(signal, axis=1) for signal in (np.tile(samples, (4, 1, 1)), outputs))
    removed = np.all(np.less(np.abs(after), 1e-3), axis=-1)
    kept = np.broadcast_to(~removed[..., None], before.shape)
    np.testing.assert_allclose(after[kept], before[kept], atol=1e-3)
    assert not removed[:, 0].any(), "the mean is removed"
    assert removed[:, 1:].mean() == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("time", [24, 25])
def test_phase_surrogate_keeps_spectra_and_correlations(time: int) -> None:
    samples = np.random.default_rng(0).normal(size=(64, time, 6)).astype("float32")
    surrogates = changed(PhaseSurrogate(rate=1.0, seed=1), samples)
    before, after = (np.fft.rfft(signal, axis=1) for signal in (samples, surrogates))
    np.testing.assert_allclose(np.abs(after), np.abs(before), atol=1e-4)
    np.testing.assert_allclose(after[..., 0] * after[..., 1].conj(), before[..., 0] * before[..., 1].conj(), atol=1e-3)
    turns = np.angle(after[:, 1:12, 0] / before[:, 1:12, 0])
    assert np.abs(np.exp(1j * turns).mean()) < 0.15, "phases are not uniform"
    turns = np.fft.rfft(changed(PhaseSurrogate(0.1, rate=1.0), samples), axis=1)[:, 1:12] / before[:, 1:12]
    assert np.abs(np.angle(turns)).max() < 0.1 * np.pi + 1e-2


def test_time_shift_rolls() -> None:
    shifted = changed_often(TimeShift(0.25, seed=1), ramps(), 20)
    shift = (-shifted[:, 0, 0]).astype(int)
    np.testing.assert_array_equal(shifted[:50], [np.roll(ramps()[0], by, axis=0) for by in shift[:50]])
    counts = np.bincount((shift + 6) % TIME, minlength=13)
    assert len(counts) == 13
    assert counts.min() > 50
    assert counts.max() < 160


@pytest.mark.once
@pytest.mark.parametrize(
    "make",
    [
        lambda: Jitter(-0.1),
        lambda: Jitter(()),
        lambda: Jitter((0.1, float("nan"))),
        lambda: ColoredNoise(0.1, exponent=-1.0),
        lambda: Scaling(-0.1),
        lambda: Scaling(triples=()),
        lambda: Scaling(triples=((0, 1),)),
        lambda: Scaling(triples=((0, 1, 2), (2, 3, 4))),
        lambda: Scaling(triples="pairs"),
        lambda: Cropping(1.1),
        lambda: Rotation3D(max_angle=181.0),
        lambda: Rotation3D(triples=None),  # pyright: ignore[reportArgumentType]
        lambda: TimeWarp(knots=1),
        lambda: TimeWarp(deviation=-1.0),
        lambda: MagnitudeWarp(knots=2.5),  # pyright: ignore[reportArgumentType]
        lambda: Permutation(0),
        lambda: TimeMask(-0.1),
        lambda: TimeMask(count=0),
        lambda: TimeMask(fill="median"),  # pyright: ignore[reportArgumentType]
        lambda: ChannelMask(2.0),
        lambda: FrequencyMask(-1.0),
        lambda: PhaseSurrogate(1.5),
        lambda: TimeShift(-0.5),
    ],
)
def test_refused_settings(make: Any) -> None:
    with pytest.raises(ValueError, match=r"Expected .* Received: "):
        make()


@pytest.mark.once
@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (partial(Jitter, (0.1, 0.2)), (None, 8, 3)),
        (partial(ColoredNoise, (0.1, 0.2)), (None, 8, 3)),
        (ColoredNoise, (None, 1, 3)),
        (Cropping, (None, 1, 3)),
        (TimeWarp, (None, 1, 3)),
        (FrequencyMask, (None, 1, 3)),
        (PhaseSurrogate, (None, 1, 3)),
        (Rotation3D, (None, 8, 4)),
        (partial(Rotation3D, ((0, 1, 3),)), (None, 8, 3)),
        (partial(Scaling, triples="consecutive"), (None, 8, 4)),
        (partial(ChannelMask, triples=((1, 2, 3),)), (None, 8, 3)),
        (Permutation, (None, 3, 3)),
    ],
)
def test_refused_windows(make: Any, shape: tuple[int | None, ...]) -> None:
    with pytest.raises(ValueError, match=r"Expected .* Received: "):
        make().build(shape)
