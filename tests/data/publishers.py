"""Small archives, made up, in exactly the layout of each publisher's download."""

import functools
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def zipped(members: Mapping[str, str | bytes | None]) -> bytes:
    """A zip of these members; None leaves one out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content.encode("latin-1") if isinstance(content, str) else content)
    return buffer.getvalue()


def publish(name: str, path: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the download of a data set; `changes` replace members, None drops one."""
    members, outer = PUBLISHERS[name]()
    inner = zipped({**members, **(changes or {})})
    path.write_bytes(inner if outer is None else zipped({outer: inner, "README.txt": "Notes\n"}))
    return path


# --- UCI-HAR ---

UCI_HAR_LABELS = "1 WALKING\n2 WALKING_UPSTAIRS\n3 WALKING_DOWNSTAIRS\n4 SITTING\n5 STANDING\n6 LAYING\n"
# Subject, activity and number of windows of each uninterrupted stretch.
UCI_HAR_STRETCHES = {
    "train": [(1, 5, 3), (1, 4, 2), (1, 4, 2), (3, 1, 4)],
    "test": [(2, 1, 3), (2, 6, 1), *((subject, 2, 1) for subject in (4, 9, 10, 12, 13, 18, 20, 24))],
}


def uci_har_windows(side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows `(n, 128, 9)`, subjects and labels, as the publisher's files hold them."""
    random = np.random.default_rng(len(side))
    windows, subjects, labels = [], [], []
    for subject, label, count in UCI_HAR_STRETCHES[side]:
        signal = random.normal(size=((count + 1) * 64, 9)).round(4).astype(np.float32)
        windows.extend(signal[start : start + 128] for start in range(0, count * 64, 64))
        subjects.extend([subject] * count)
        labels.extend([label] * count)
    return np.array(windows), np.array(subjects), np.array(labels)


def _uci_har_line(window: np.ndarray) -> str:
    # MATLAB on Windows wrote three digits of exponent.
    words = (f"{value: .7e}" for value in window)
    return "".join(f" {word[:-2]}0{word[-2:]}" for word in words) + "\n"


@functools.cache
def _uci_har() -> tuple[dict[str, str | bytes], str | None]:
    root = "UCI HAR Dataset/"
    members: dict[str, str | bytes] = {
        root + "README.txt": "Human Activity Recognition Using Smartphones Dataset\n",
        root + "activity_labels.txt": UCI_HAR_LABELS,
        "__MACOSX/UCI HAR Dataset/._activity_labels.txt": b"\x00\x05\x16\x07",
    }
    for side in UCI_HAR_STRETCHES:
        windows, subjects, labels = uci_har_windows(side)
        members[f"{root}{side}/subject_{side}.txt"] = "".join(f"{subject}\n" for subject in subjects)
        members[f"{root}{side}/y_{side}.txt"] = "".join(f"{label}\n" for label in labels)
        names = [f"{kind}_{axis}" for kind in ("body_acc", "body_gyro", "total_acc") for axis in "xyz"]
        for channel, name in enumerate(names):
            text = "".join(map(_uci_har_line, windows[..., channel]))
            members[f"{root}{side}/Inertial Signals/{name}_{side}.txt"] = text
    return members, "UCI HAR Dataset.zip"


# --- SP-SW-HAR ---

SPSW_HAR_HEADER = "x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label\n"


def _spsw_har_file(rate: float, delay: int, seed: int) -> str:
    """Four seconds: seated, then walking; stamps in ms, delivered in bursts of `delay` ms."""
    random = np.random.default_rng(seed)
    times = np.arange(int(4 * rate)) / rate
    stamps = 1_657_544_418_000 + np.ceil(times * 1000 / delay) * delay
    values = random.normal(0, 0.01, size=(len(times), 6))
    values[:, 2] += 9.81 + np.sin(2 * np.pi * 2 * times)
    lines = [
        ",".join(f"{value:.12f}" for value in row) + f",{int(stamp)},{'SEATED' if time < 2 else 'WALKING'}\n"
        for row, stamp, time in zip(values, stamps, times, strict=True)
    ]
    return SPSW_HAR_HEADER + "".join(lines)


@functools.cache
def _spsw_har() -> tuple[dict[str, str | bytes], str | None]:
    members: dict[str, str | bytes] = {"sp-sw-har-dataset/DATA/executions_info.csv": "execution_id\ns01_01\n"}
    for seed, name in enumerate(("s01_01", "s02_01")):
        folder = f"sp-sw-har-dataset/DATA/{name[:3]}/{name}"
        members[f"{folder}_sp.csv"] = _spsw_har_file(102.44, 40, 2 * seed)
        members[f"{folder}_sw.csv"] = _spsw_har_file(104.28, 10, 2 * seed + 1)
    return members, None


# --- WISDM ---

WISDM_KEY = (
    "walking = A\njogging = B\nstairs = C\nsitting = D\nstanding = E\ntyping = F\nteeth = G\nsoup = H\nchips = I\n"
    "pasta = J\ndrinking = K\nsandwich = L\nkicking = M\ncatch = O\ndribbling = P\nwriting = Q\nclapping = R\n"
    "folding = S\n\n"
)


def wisdm_lines(subject: int, code: str, start: float, seconds: float, rate: float) -> str:
    """A sine of 1 Hz, stamped in nanoseconds since the device started."""
    times = start + np.arange(int(seconds * rate)) / rate
    stamps = 252_207_666_810_782 + np.round(times * 1e9).astype(np.int64)
    values = np.sin(2 * np.pi * times)
    return "".join(
        f"{subject},{code},{stamp},{value:.7f},{value + 9.8:.7f},{-value:.7f};\n"
        for stamp, value in zip(stamps, values, strict=True)
    )


@functools.cache
def _wisdm() -> tuple[dict[str, str | bytes], str | None]:
    root = "wisdm-dataset/"
    members: dict[str, str | bytes] = {
        root + "README.txt": "WISDM\n",
        root + "activity_key.txt": WISDM_KEY,
        root + "arff_files/phone/accel/data_1600_accel_phone.arff": "@relation\n",
    }
    for device, rate in (("phone", 20.0), ("watch", 50.0)):
        for subject in (1600, 1601):
            for kind, offset in (("accel", 0.0), ("gyro", 0.013)):
                text = wisdm_lines(subject, "A", offset, 25, rate) + wisdm_lines(subject, "D", 30 + offset, 25, rate)
                members[f"{root}raw/{device}/{kind}/data_{subject}_{kind}_{device}.txt"] = text
    return members, "wisdm-dataset.zip"


# --- PAMAP2 ---


def pamap2_rows(seed: int) -> np.ndarray:
    """`(3000, 54)`: 30 s at 100 Hz; lying, transient, then walking."""
    rows = np.random.default_rng(seed).normal(size=(3000, 54))
    rows[:, 0] = 8.38 + np.arange(3000) / 100
    rows[:, 1] = np.repeat([1, 0, 4], 1000)
    rows[:, 2] = np.where(np.arange(3000) % 11, np.nan, 100)
    rows[100:103, 3:20] = np.nan  # the hand's radio drops three samples
    rows[2500:2600, 37:54] = np.nan  # and the ankle's a second
    return rows


def pamap2_text(rows: np.ndarray) -> str:
    return "".join(
        f"{row[0]:.2f} {int(row[1])} "
        + " ".join("NaN" if np.isnan(value) else f"{value:.5f}" for value in row[2:])
        + "\n"
        for row in rows
    )


@functools.cache
def _pamap2() -> tuple[dict[str, str | bytes], str | None]:
    members: dict[str, str | bytes] = {"PAMAP2_Dataset/readme.pdf": b"%PDF-1.4"}
    for number, rows in ((1, pamap2_rows(1)), (2, pamap2_rows(2)[1900:])):
        members[f"PAMAP2_Dataset/Protocol/subject10{number}.dat"] = pamap2_text(rows)
    members["PAMAP2_Dataset/Optional/subject101.dat"] = pamap2_text(pamap2_rows(9)[:9])
    return members, "PAMAP2_Dataset.zip"


# --- MotionSense ---

MOTION_SENSE_HEADER = (
    ",attitude.roll,attitude.pitch,attitude.yaw,gravity.x,gravity.y,gravity.z,rotationRate.x,rotationRate.y,"
    "rotationRate.z,userAcceleration.x,userAcceleration.y,userAcceleration.z\n"
)


def motion_sense_values(seed: int) -> np.ndarray:
    """`(300, 12)`: the columns after the count."""
    return np.random.default_rng(seed).normal(size=(300, 12)).round(6)


def motion_sense_text(values: np.ndarray) -> str:
    lines = [f"{number}," + ",".join(f"{value:.6f}" for value in row) + "\n" for number, row in enumerate(values)]
    return MOTION_SENSE_HEADER + "".join(lines)


@functools.cache
def _motion_sense() -> tuple[dict[str, str | bytes], str | None]:
    root = "A_DeviceMotion_data/"
    members: dict[str, str | bytes] = {root + ".DS_Store": b"\x00\x00\x00\x01Bud1"}
    for seed, name in enumerate(("dws_1/sub_1", "wlk_7/sub_1", "sit_5/sub_24", "jog_16/sub_2")):
        folder, file = name.split("/")
        members[f"{root}{name}.csv"] = motion_sense_text(motion_sense_values(seed))
        members[f"__MACOSX/{root}{folder}/._{file}.csv"] = b"\x00\x05\x16\x07"
    return members, None


PUBLISHERS = {
    "uci_har": _uci_har,
    "spsw_har": _spsw_har,
    "wisdm": _wisdm,
    "pamap2": _pamap2,
    "motion_sense": _motion_sense,
}
