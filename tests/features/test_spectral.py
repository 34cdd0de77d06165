import numpy as np
import pytest
from scipy import signal

from kerashar.features.spectral.band_power import BandPower
from kerashar.features.spectral.fourier_spectrum import FourierSpectrum
from kerashar.features.spectral.frequency_bands import FrequencyBands
from kerashar.features.spectral.power_spectral_density import PowerSpectralDensity
from kerashar.features.spectral.spectral_shape import SpectralShape
from kerashar.features.spectral.spectrogram import Spectrogram
from tests.features.support import assert_close, check_feature, numbers

RATE = 50.0
WINDOWS = np.random.default_rng(0).normal(2, 1, size=(1, 33, 3)).astype("float32")
EVEN = WINDOWS[:, :32]
SECONDS = np.arange(100, dtype="float32") / RATE
RHYTHM = np.sin(2 * np.pi * 5 * SECONDS)[None, :, None]


@pytest.mark.parametrize(
    "feature",
    [
        FourierSpectrum("phase"),
        FourierSpectrum("phase", detrend=True),
        FourierSpectrum("power", window="hann"),
        SpectralShape(RATE),
        Spectrogram(RATE, segment=8, hop=3, detrend=True, log=False),
        FrequencyBands(RATE, segment=16, hop=8, bands=4, log=False),
    ],
)
def test_both_forms_agree(feature):
    check_feature(feature, WINDOWS)


@pytest.mark.parametrize(
    "feature",
    [
        BandPower(RATE, relative=True, log=True),
        Spectrogram(RATE, segment=8, hop=3, detrend=True),
        FrequencyBands(RATE, segment=16, hop=8, bands=4, lowest=1.0, spacing="log"),
    ],
)
def test_logarithms_agree_up_to_the_rounding_of_little_power(feature):
    check_feature(feature, WINDOWS, tolerance=1e-4)


def test_fourier_spectrum_is_that_of_numpy():
    expected = np.fft.rfft(WINDOWS, axis=1)
    assert_close(check_feature(FourierSpectrum(), WINDOWS), np.abs(expected))
    assert_close(numbers(FourierSpectrum("phase")(WINDOWS)), np.angle(expected))
    parts = np.concatenate([expected.real, expected.imag], axis=-1)
    assert_close(check_feature(FourierSpectrum("real_imaginary"), WINDOWS), parts)


def test_phase_of_rounding_is_zero_and_of_negatives_is_pi():
    phase = numbers(FourierSpectrum("phase")(np.full((1, 33, 3), -3, "float32")))
    assert_close(phase[:, 0], np.full((1, 3), np.pi))
    assert not phase[:, 1:].any()


@pytest.mark.parametrize(("overlap", "detrend"), [(0.5, True), (0.2, False)])
def test_power_spectral_density_is_that_of_scipy(overlap, detrend):
    feature = PowerSpectralDensity(RATE, segment=15, overlap=overlap, detrend=detrend)
    scipy_detrend = "constant" if detrend else False
    _, expected = signal.welch(WINDOWS, RATE, nperseg=15, noverlap=int(15 * overlap), detrend=scipy_detrend, axis=1)
    assert_close(check_feature(feature, WINDOWS), expected)


def test_band_power_sums_the_periodogram():
    frequencies, density = signal.periodogram(EVEN, RATE, "hann", axis=1)
    expected = [
        density[:, (frequencies >= low) & (frequencies < high)].sum(axis=1) * frequencies[1]
        for low, high in ((0, 4), (4, 9))
    ]
    assert_close(check_feature(BandPower(RATE, bands=((0, 4), (4, 9))), EVEN), np.concatenate(expected, axis=-1))
    assert_close(numbers(BandPower(RATE, bands=((4, 6), (7, 20)), relative=True)(RHYTHM)), [[1.0, 0.0]])


def test_spectral_shape_of_a_rhythm_and_of_noise():
    centroid, bandwidth, roll_off, flatness, entropy, dominant = numbers(SpectralShape(RATE)(RHYTHM))[0]
    assert_close(centroid, 5.0, tolerance=1e-3)
    assert bandwidth < 0.5  # the Hann window spreads a line over three frequencies, 0.5 Hz apart
    assert (roll_off, dominant) == (5.5, 5.0)
    noise = numbers(SpectralShape(RATE)(WINDOWS))[:, 9:15]
    assert flatness < 1e-6 < noise[:, :3].min()
    assert entropy < 0.5 < noise[:, 3:].min() < 1
    assert not numbers(SpectralShape(RATE)(np.full((1, 33, 3), 9.81, "float32"))).any()


def test_spectrogram_is_that_of_scipy():
    frames = [EVEN[:, start : start + 8] for start in (0, 5, 10, 15, 20)]
    expected = [signal.periodogram(frame, RATE, "hann", detrend=False, axis=1)[1] for frame in frames]
    feature = Spectrogram(RATE, segment=8, hop=5, log=False)
    outputs = check_feature(feature, EVEN)
    assert_close(outputs, np.stack(expected, axis=1).reshape(1, 5, -1))
    assert_close(feature(np.concatenate([EVEN, 2 * EVEN])), np.concatenate([outputs, 4 * outputs]))


def test_frequency_bands_add_up_to_the_power_between_the_outer_centres():
    feature = FrequencyBands(100.0, segment=100, hop=100, bands=4, lowest=5.0, spacing="linear", log=False)
    time = np.arange(100, dtype="float32") / 100
    bands = numbers(feature(2 * np.sin(2 * np.pi * 23 * time)[None, :, None]))  # centres at 14, 23, 32, 41 Hz
    assert_close(bands.sum(), 2.0)  # half the square of the amplitude
    assert bands.argmax() == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: FourierSpectrum("magnitud"), "magnitude"),
        (lambda: FourierSpectrum(window="han"), "hann"),
        (lambda: PowerSpectralDensity(0.0), "sampling_rate=0"),
        (lambda: PowerSpectralDensity(RATE, overlap=1.0), "overlap=1.0"),
        (lambda: PowerSpectralDensity(RATE, segment=34)(WINDOWS), "time=33"),
        (lambda: BandPower(RATE, bands=()), "bands="),
        (lambda: BandPower(RATE, bands=((20, 30),)), r"25.0 Hz.*\(20, 30\)"),
        (lambda: BandPower(RATE, bands=((0.2, 0.5),))(WINDOWS), r"each 1.52 Hz.*\(0.2, 0.5\)"),
        (lambda: SpectralShape(RATE)(WINDOWS[:, :3]), "time=3"),
        (lambda: Spectrogram(RATE, segment=8, hop=9), "hop=9"),
        (lambda: FrequencyBands(RATE, segment=16, hop=8, spacing="log"), "each 3.12 Hz.*bands=16"),
        (lambda: FrequencyBands(RATE, lowest=25), "lowest=25"),
    ],
)
def test_refuses(build, message):
    with pytest.raises(ValueError, match=message):
        build()
