"""Wavelet features against PyWavelets: the array functions are PyWavelets', so that layer = array says it all."""

import numpy as np
import pytest
import pywt
from keras import ops

from kerashar.features import (
    ContinuousWaveletTransform,
    StationaryWaveletTransform,
    WaveletPacket,
    WaveletTransform,
)
from kerashar.features.extension import MODES
from tests.features.support import assert_close, check_feature
from tests.support import random_signal

FAMILIES = ("haar", "db4", "sym5", "coif1", "bior2.2", "rbio3.1", "dmey")


@pytest.mark.parametrize(
    ("feature", "shape"),
    [
        (WaveletTransform("db2", level=2), (3, 61, 2)),
        (WaveletTransform("db2", level=2), (2, 21, 30, 1)),
        (StationaryWaveletTransform("db2", level=3), (3, 64, 2)),
        (StationaryWaveletTransform("haar", level=1), (2, 12, 16, 1)),
        (WaveletPacket("db2", level=3), (3, 64, 2)),
        (WaveletPacket("haar", level=2, mode="reflect"), (2, 21, 30, 1)),
    ],
)
def test_feature(feature, shape):
    check_feature(feature, random_signal(*shape))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode(mode):
    windows = random_signal(2, 43, 2)  # a length that is odd at more than one level
    feature = WaveletTransform("db2", 2, mode)
    assert_close(feature.filter(ops.convert_to_tensor(windows)), feature.array(windows))


@pytest.mark.once
@pytest.mark.parametrize("mode", MODES)
def test_every_wavelet_in_every_mode(mode):
    for number, wavelet in enumerate(pywt.wavelist(kind="discrete")):
        windows = random_signal(1, 2 * pywt.Wavelet(wavelet).dec_len + number % 2, 2)  # even and odd lengths in turn
        feature = WaveletTransform(wavelet, level=1, mode=mode)
        expected = np.concatenate(pywt.wavedec(windows, wavelet, mode, 1, axis=1), axis=1)
        assert_close(feature(windows), expected)
        assert_close(feature.filter(ops.convert_to_tensor(windows)), expected)


@pytest.mark.once
@pytest.mark.parametrize("wavelet", FAMILIES)
def test_every_family_on_images_stationary_and_in_packets(wavelet):
    level = 1 if wavelet == "dmey" else 2
    images = random_signal(1, 4 * 31, 4 * 31, 1)
    for feature in (
        WaveletTransform(wavelet, level),
        WaveletTransform(wavelet, level, "periodization"),
        StationaryWaveletTransform(wavelet, level),
        WaveletPacket(wavelet, level),
    ):
        assert_close(feature(images), feature.reference()(images))
        assert_close(feature.filter(ops.convert_to_tensor(images[:, :, 0])), feature.reference()(images[:, :, 0]))


def test_windows_longer_than_a_matrix_is_good_for():
    windows = random_signal(1, 600, 1)
    feature = WaveletTransform("db2", 2)
    assert_close(feature(windows), feature.reference()(windows))
    assert_close(feature.array(windows), feature.reference()(windows))


CONTINUOUS = [
    ("morl", "real"),
    ("mexh", "real"),
    ("gaus3", "magnitude"),
    ("cmor1.5-1.0", "magnitude"),
    ("cgau2", "complex"),
    ("shan1.5-1.0", "real"),
    ("fbsp1-1.5-1.0", "magnitude"),
]


@pytest.mark.parametrize(("wavelet", "part"), CONTINUOUS)
def test_continuous_wavelets(wavelet, part):
    frequencies = (1.0, 2.5, 7.0, 12.0)
    windows = random_signal(2, 45, 2)
    feature = ContinuousWaveletTransform(50.0, frequencies, wavelet, part)
    outputs = check_feature(feature, windows)
    scales = pywt.frequency2scale(wavelet, np.array(frequencies) / 50.0, 12)
    expected, hertz = pywt.cwt(windows[:, :, 1].astype("float64"), scales, wavelet, 1 / 50.0, axis=1)
    np.testing.assert_allclose(hertz, frequencies, rtol=1e-6)
    parts = {"real": [expected.real], "magnitude": [np.abs(expected)], "complex": [expected.real, expected.imag]}[part]
    second_channel = outputs[..., outputs.shape[-1] // 2 :]
    assert_close(second_channel, np.concatenate(parts).transpose(1, 2, 0))


def test_the_response_to_a_pure_tone_peaks_at_its_frequency():
    tone = np.sin(2 * np.pi * 5.0 * np.arange(200) / 50.0).astype("float32")[None, :, None]
    frequencies = (1.25, 2.5, 5.0, 10.0)
    feature = ContinuousWaveletTransform(50.0, frequencies, "cmor1.5-1.0", "magnitude")
    assert frequencies[int(np.asarray(feature.array(tone))[0, 100].argmax())] == 5.0


@pytest.mark.once
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WaveletTransform("db44"), "Did you mean 'db4"),
        (lambda: WaveletTransform("db4", level=0), "level=0"),
        (lambda: WaveletTransform("db4", mode="mirror"), "mode"),
        (lambda: WaveletTransform("db4", level=5)(random_signal(1, 128, 1)), "at most 4 for 128 samples"),
        (lambda: WaveletPacket("db4", level=3)(random_signal(1, 32, 1)), "at most 2"),
        (lambda: StationaryWaveletTransform(level=3)(random_signal(1, 125, 1)), r"2\^level = 8"),
        (lambda: WaveletTransform()(random_signal(4, 128)), r"\(batch, time, channels\) or"),
        (lambda: WaveletTransform()(np.full((1, 128, 1), np.nan, "float32")), "NaN"),
        (lambda: WaveletTransform().array(np.full((1, 128, 1), np.inf, "float32")), "infinity"),
        (lambda: ContinuousWaveletTransform(0.0), "sampling_rate=0.0"),
        (lambda: ContinuousWaveletTransform(50.0, (30.0,)), "25 Hz"),
        (lambda: ContinuousWaveletTransform(50.0, ()), "frequencies"),
        (lambda: ContinuousWaveletTransform(50.0, wavelet="cmor"), "cmor1.5-1.0"),
        (lambda: ContinuousWaveletTransform(50.0, wavelet="mor"), "Did you mean 'morl'"),
        (lambda: ContinuousWaveletTransform(50.0, wavelet="cmorx"), "cmorx"),
        (lambda: ContinuousWaveletTransform(50.0, wavelet="morl", part="complex"), "complex wavelet"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
