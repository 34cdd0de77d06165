"""Taking gravity and noise out of signals of a phone or watch."""

from dataclasses import replace

import numpy as np

from kerashar.data.recording import Recording

_ORDER = 3  # of both Butterworth filters, as in UCI-HAR
_NOISE_HZ = 20.0  # 99 % of the energy of body motion lies below 15 Hz
_GRAVITY_HZ = 0.3  # gravity only changes as fast as the body turns
_AXES = ("x", "y", "z")

NINE_CHANNELS = tuple(
    f"{kind}_{axis}" for kind in ("body_acceleration", "angular_rate", "total_acceleration") for axis in _AXES
)


def separate_gravity(recording: Recording) -> Recording:
    """Turn acceleration and angular rate (6 channels) into the nine channels of UCI-HAR.

    Use it on your own phone or watch recordings before windows are cut, also for prediction. Noise is taken
    out by a median of 3 samples and a low-pass filter at 20 Hz; what a low-pass filter at 0.3 Hz leaves of
    the acceleration is gravity, the rest is body motion. Both are Butterworth filters of third order, run
    forwards and backwards over the whole recording, so nothing is shifted in time.

    Args:
        recording: channels acceleration x, y, z and angular rate x, y, z, above 40 Hz.

    Returns:
        The recording with body acceleration, angular rate and total acceleration, x, y, z each, in the units
        that came in.

    Raises:
        ValueError: there aren't six channels, the rate is too low, or the recording is too short to filter.

    Example:
        >>> import numpy as np
        >>> still = np.tile(np.float32([0, 0, 1, 0, 0, 0]), (200, 1))
        >>> phone = Recording(still, 50.0, tuple("abcdef"), ("g",) * 3 + ("rad/s",) * 3, "01", "a", ())
        >>> np.abs(separate_gravity(phone).signal[100]).round(3).tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]

    Reference:
        Reyes-Ortiz et al., Transition-Aware Human Activity Recognition Using Smartphones. Neurocomputing
        171 (2016).
    """
    where = f"in recording {recording.recording_id!r}"
    if recording.signal.shape[1] != 6:
        raise ValueError(f"Expected 6 channels {where}. Received: {recording.channels}.")
    if recording.rate <= 2 * _NOISE_HZ:
        raise ValueError(f"Expected a rate above {2 * _NOISE_HZ:g} Hz {where}. Received: {recording.rate} Hz.")
    clean = _low_pass(_median_of_three(recording.signal.astype(np.float64)), _NOISE_HZ, recording.rate, where)
    acceleration, angular_rate = clean[:, :3], clean[:, 3:]
    body = acceleration - _low_pass(acceleration, _GRAVITY_HZ, recording.rate, where)
    units = recording.units
    return replace(
        recording,
        signal=np.concatenate([body, angular_rate, acceleration], axis=1),
        channels=NINE_CHANNELS,
        units=(*units[:3], *units[3:], *units[:3]),
    )


def _median_of_three(signal: np.ndarray) -> np.ndarray:
    """Median of each sample and its neighbours; the first and last sample are repeated."""
    padded = np.pad(signal, ((1, 1), (0, 0)), mode="edge")
    return np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)


def _low_pass(signal: np.ndarray, cutoff: float, rate: float, where: str) -> np.ndarray:
    from scipy import signal as filters

    padding = 12  # samples mirrored at either end for the filter to start on, SciPy's default for this one
    if len(signal) <= padding:
        raise ValueError(f"Expected more than {padding} samples {where}. Received: {len(signal)}.")
    sections = filters.butter(_ORDER, cutoff, fs=rate, output="sos")
    return filters.sosfiltfilt(sections, signal, axis=0, padlen=padding)
