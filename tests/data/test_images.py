"""Finding and decoding image files, on real CIFAR-10 files and on files broken on purpose."""

import errno
import io
import os
import pickle
import subprocess
import sys
import zipfile
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from kerashar.cli.data_images import images as images_command
from kerashar.data.images import ImageSet, decode_images, find_images, load_images
from kerashar.data.images.decode_image import decode_image
from kerashar.data.images.image_files import ImageFiles

from .conftest import REAL_DATA

pytestmark = pytest.mark.once
CLASSES = ("cat", "dog", "ship", "truck")


@pytest.fixture(scope="session")
def members() -> dict[str, bytes]:
    """200 real files: 40 of four classes to train, 10 to test."""
    with zipfile.ZipFile(REAL_DATA / "cifar10_images.zip") as archive:
        names = [
            f"CIFAR-10-images/{side}/{kind}/{number:04}.jpg"
            for side, count in (("train", 40), ("test", 10))
            for kind in CLASSES
            for number in range(count)
        ]
        return {name: archive.read(name) for name in names}


@pytest.fixture(scope="session")
def cifar_zip(members, tmp_path_factory):
    path = tmp_path_factory.mktemp("cifar") / "cifar.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.fixture(scope="session")
def photo(members) -> bytes:
    return members["CIFAR-10-images/train/cat/0007.jpg"]


def lay_out(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


# === Finding ===


def test_finds_sides_and_classes_in_zip_and_folder(cifar_zip, members, tmp_path):
    folder = lay_out(tmp_path / "given", members)
    for source in (cifar_zip, folder, folder / "CIFAR-10-images"):
        files = find_images(source)
        assert len(files) == 200
        assert files.class_names == CLASSES
        assert files.names[0] == files.groups[0] == "test/cat/0000.jpg"
        assert np.unique(files.sides, return_counts=True)[1].tolist() == [40, 160]
        assert np.bincount(files.labels).tolist() == [50] * 4
        assert files.targets is None
        assert files.read(0) == members["CIFAR-10-images/test/cat/0000.jpg"]


def test_reads_in_other_processes_and_threads(cifar_zip, members):
    files = find_images(cifar_zip)
    files.read(0)  # opens the archive, which can't be sent
    again = pickle.loads(pickle.dumps(files))  # noqa: S301
    assert again.read(199) == files.read(199)
    code = "import pickle, sys; files = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(files.read(3))"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(files), capture_output=True)
    assert done.stdout == members["CIFAR-10-images/test/cat/0003.jpg"]
    if hasattr(os, "fork"):
        child = os.fork()
        if not child:  # shares the parent's file handle unless the archive is opened anew
            for number in range(100):
                files.read(number)
            os._exit(0 if files.read(7) == members["CIFAR-10-images/test/cat/0007.jpg"] else 1)
        for number in range(100, 200):
            assert len(files.read(number)) > 100
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_class_folders_without_sides(photo, tmp_path):
    files = find_images(lay_out(tmp_path, {"a/1.jpg": photo, "b/1.JPG": photo, "README.txt": b"", "a/.DS_Store": b""}))
    assert files.names.tolist() == ["a/1.jpg", "b/1.JPG"]
    assert files.sides.tolist() == ["", ""]
    # Vehicles: a train is a class here, not a side.
    files = find_images(lay_out(tmp_path / "vehicles", {"train/1.jpg": photo, "car/1.jpg": photo}))
    assert files.class_names == ("car", "train")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a/1.jpg", "b/deep/1.jpg"], r"none deeper.*b/deep/1.jpg"),
        (["train/1.jpg", "test/1.jpg"], r"all images in class folders.*/1.jpg"),
        (["train/a/1.jpg", "test/a/1.jpg", "a/1.jpg"], "all images in class folders"),
        (["1.jpg", "2.jpg"], "all images in class folders.*labels="),
        (["a/1.jpg", "b/1.jpg", "a/2.heic"], r"nothing but images.*a/2.heic"),
        (["a/1.jpg", "b/1.jpg", "c/1.heic"], r"nothing but images.*c/1.heic"),
        (["a/1.jpg"], r"two class folders or more.*\['a'\]"),
        (["train/a/1.jpg", "train/b/1.jpg", "test/c/1.jpg"], r"every class in the train folder.*\['c'\]"),
        (["notes.txt"], "1 files, none of them"),
        ([], "0 files"),
    ],
)
def test_refuses_unclear_layouts(photo, tmp_path, names, message):
    files = dict.fromkeys(names, photo)
    lay_out(tmp_path / "folder", files)
    (tmp_path / "folder").mkdir(exist_ok=True)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for name in names:
            archive.writestr(name, photo)
    for source in ("folder", "packed.zip"):
        with pytest.raises(ValueError, match=message):
            find_images(tmp_path / source)


def test_refuses_empty_class_folders(photo, tmp_path):
    folder = lay_out(tmp_path / "folder", {"a/1.jpg": photo, "b/1.jpg": photo})
    (folder / "c").mkdir()
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        for name in ("a/1.jpg", "b/1.jpg", "c/"):
            archive.writestr(name, b"" if name == "c/" else photo)
    for source in (folder, tmp_path / "packed.zip"):
        with pytest.raises(ValueError, match="empty folder 'c'"):
            find_images(source)


def test_refuses_links_and_hostile_archives(photo, tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing at"):
        find_images(tmp_path / "missing")
    folder = lay_out(tmp_path / "folder", {"a/1.jpg": photo, "b/1.jpg": photo})
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(photo)
    (folder / "a" / "2.jpg").symlink_to(folder / "a" / "1.jpg")
    files = find_images(folder)
    assert len(files) == 3  # a link that stays inside is a file like others
    (folder / "a" / "1.jpg").unlink()
    (folder / "a" / "1.jpg").symlink_to(secret)
    with pytest.raises(ValueError, match=r"no links.*secret\.jpg"):
        find_images(folder)
    with pytest.raises(ValueError, match="leads out"):  # changed after it was listed
        files.read(files.names.tolist().index("a/1.jpg"))
    (folder / "a" / "1.jpg").unlink()
    (folder / "a" / "2.jpg").unlink()
    os.mkfifo(folder / "a" / "1.jpg")
    with pytest.raises(ValueError, match="neither"):
        find_images(folder)
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../a/1.jpg", photo)
    with pytest.raises(ValueError, match="inside the archive"):
        find_images(tmp_path / "evil.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.jpg", bytes(2**24))
    with pytest.raises(ValueError, match="zip bombs"):
        find_images(tmp_path / "bomb.zip")
    (tmp_path / "cut.zip").write_bytes((tmp_path / "bomb.zip").read_bytes()[:-30])
    with pytest.raises(ValueError, match="whole zip archive"):
        find_images(tmp_path / "cut.zip")


# === Tables ===


@pytest.fixture
def table(photo, tmp_path):
    """Two images in a folder, and a table of the text given."""
    folder = lay_out(tmp_path / "images", {"x/1.jpg": photo, "x/2.jpg": photo})

    def write(text, **options):
        path = tmp_path / "labels.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return find_images(folder, labels=path, **options)

    return write


def test_tables_of_classes_and_numbers(table):
    files = table("\ufeffname, kind\r\n2.jpg,dog\r\n1.jpg,cat\r\n")
    assert files.names.tolist() == ["x/1.jpg", "x/2.jpg"]
    assert [files.class_names[label] for label in files.labels] == ["cat", "dog"]
    files = table("kind,who,file\n10,eve,x/1.jpg\n9,eve,x/2.jpg\n", label="kind", group="who")
    assert files.class_names == ("9", "10")
    assert files.groups.tolist() == ["eve", "eve"]
    files = table("name,age\n1.jpg,33.5\n2.jpg,2e1\n", target="age")
    assert files.labels is None
    assert files.targets.dtype == np.float32
    assert files.targets.tolist() == [33.5, 20.0]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("name,kind\n1.jpg,a\n2.jpg,b\n3.jpg,a\n", {}, r"1 missing, first '3.jpg' \(line 4\)"),
        ("name,kind\n1.jpg,a\n", {}, "1 without a row, first '2.jpg'"),
        ("name,kind\n1.jpg,a\n1.jpg,b\n2.jpg,b\n", {}, "'1.jpg' 2 times"),
        ("name,age\n1.jpg,3\n2.jpg,4\n", {}, r"label='age' for classes or target='age'"),
        ("name,age\n1.jpg,3\n2.jpg,old\n", {"target": "age"}, "'old' in line 3"),
        ("name,age\n1.jpg,3\n2.jpg,nan\n", {"target": "age"}, "'nan' in line 3"),
        ("name,kind\n1.jpg,a\n2.jpg,\n", {}, "nothing in line 3"),
        ("name,kind,who\n1.jpg,a,x\n2.jpg,b,y\n", {}, "which column"),
        ("name,kind\n1.jpg,a\n2.jpg,b\n", {"label": "sort"}, "Received: 'sort'"),
        ("name,kind\n1.jpg,a\n2.jpg,b\n", {"label": "kind", "target": "kind"}, "both"),
        ("name;kind\n1.jpg;a\n2.jpg;b\n", {}, "separated by commas"),
        ("name,name\n1.jpg,a\n", {}, "different columns"),
        ("name,kind\n1.jpg\n2.jpg,b\n", {}, "1 in line 2"),
        ("name,kind\n", {}, "0 rows"),
        ("", {}, "0 rows"),
        (b"name,kind\n1.jpg,\xff\n", {}, "UTF-8"),
    ],
)
def test_refuses_tables(table, text, options, message):
    with pytest.raises(ValueError, match=message):
        table(text, **options)


def test_refuses_columns_without_a_table(cifar_zip, tmp_path):
    with pytest.raises(ValueError, match="labels=None"):
        find_images(cifar_zip, label="kind")
    with pytest.raises(FileNotFoundError, match="no file at"):
        find_images(cifar_zip, labels=tmp_path / "labels.csv")


# === Decoding one image ===


def test_same_pixels_as_pillow(photo):
    expected = np.asarray(Image.open(io.BytesIO(photo)))
    np.testing.assert_array_equal(decode_image(photo, (32, 32)), expected)
    grey = decode_image(photo, (32, 32), channels=1)
    assert grey.shape == (32, 32, 1)
    np.testing.assert_array_equal(grey[..., 0], np.asarray(Image.open(io.BytesIO(photo)).convert("L")))


def test_rules_of_conversion():
    def first(image, kind="PNG", **options):
        return decode_image(encoded(image, kind, **options), (2, 2))[0, 0].tolist()

    clear = Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    assert first(clear) == [255, 255, 255]
    assert first(Image.new("RGBA", (2, 2), (255, 0, 0, 255))) == [255, 0, 0]
    assert first(clear.convert("LA")) == [255, 255, 255]
    assert first(clear.quantize()) == [255, 255, 255]
    palette = Image.new("RGB", (2, 2), (10, 200, 30)).quantize()
    assert first(palette) == [10, 200, 30]
    assert first(palette, transparency=0) == [255, 255, 255]
    assert first(Image.new("L", (2, 2), 77)) == [77, 77, 77]
    assert first(Image.new("1", (2, 2), 1)) == [255, 255, 255]
    deep = Image.fromarray(np.full((2, 2), 0x4D12, dtype=np.uint16))
    assert first(deep) == first(deep, "TIFF") == [0x4D] * 3
    cmyk = first(Image.new("CMYK", (2, 2), (0, 255, 255, 0)), "JPEG", quality=100)
    assert cmyk[0] > 240
    assert max(cmyk[1:]) < 15
    frames = [Image.new("RGB", (2, 2), color) for color in ("red", "blue")]
    assert first(frames[0], "GIF", save_all=True, append_images=frames[1:]) == [255, 0, 0]
    assert first(frames[0], "WEBP", lossless=True) == first(frames[0], "BMP") == first(frames[0], "PPM") == [255, 0, 0]
    with pytest.raises(ValueError, match="mode F"):
        first(Image.new("F", (2, 2), 0.5), "TIFF")


def test_honours_exif_rotation():
    half = Image.new("RGB", (64, 32), "black")
    half.paste("white", (0, 0, 32, 32))  # left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right, so that left comes up
    turned = decode_image(encoded(half, "JPEG", exif=exif, quality=100), (64, 32))
    assert turned[:28].min() > 240
    assert turned[36:].max() < 15


def test_resizes():
    noise = np.random.default_rng(0).integers(0, 256, (600, 400, 3), dtype=np.uint8)
    png = encoded(Image.fromarray(noise))
    means = noise.reshape(6, 100, 4, 100, 3).mean(axis=(1, 3))
    assert np.abs(decode_image(png, (6, 4)) - means).max() < 2  # rounded twice
    assert decode_image(png, (6, 4), resize="lanczos").shape == (6, 4, 3)
    assert decode_image(encoded(Image.new("RGB", (1, 1), "red")), (3, 5)).reshape(-1, 3).tolist() == [[255, 0, 0]] * 15
    # A large photograph is decoded at an eighth, which must look the same but for rounding.
    smooth = np.linspace(0, 255, 2400)[None, :, None] * np.ones((1600, 1, 3))
    jpeg = encoded(Image.fromarray(smooth.astype(np.uint8)), "JPEG", quality=95)
    expected = smooth.reshape(16, 100, 24, 100, 3).mean(axis=(1, 3))
    assert np.abs(decode_image(jpeg, (16, 24)) - expected).max() < 3


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it warns of what it then refuses
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM"])
def test_truncated_files_are_refused(photo, kind):
    whole = photo if kind == "JPEG" else encoded(Image.open(io.BytesIO(photo)), kind)
    decode_image(whole, (32, 32))
    for length in (*range(0, len(whole), 10), len(whole) - 2, len(whole) - 1):
        with pytest.raises(ValueError, match=r"."):
            decode_image(whole[:length], (32, 32))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # it warns of what it then refuses or passes over
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_mutated_files_are_decoded_or_refused(photo, data):
    content = bytearray(photo if data.draw(st.booleans()) else encoded(Image.open(io.BytesIO(photo))))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ValueError):  # any other error fails
        assert decode_image(bytes(content), (32, 32)).shape == (32, 32, 3)


@pytest.mark.filterwarnings("default::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8_001, 10_000, 20_000])  # Pillow warns from 9,460 on and refuses from 13,378
def test_too_many_pixels_are_refused_before_decoding(side):
    bomb = encoded(Image.new("1", (side, side)))  # under 50 KB
    with pytest.raises(ValueError, match=r"pixels"), pytest.warns() if side == 10_000 else nullcontext():
        decode_image(bomb, (32, 32))


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"hello" * 100, b"%!PS-Adobe-3.0 EPSF-3.0\n", bytes(1000)])
def test_other_files_are_refused(content):
    with pytest.raises(ValueError, match="not an image"):
        decode_image(content, (32, 32))


def test_refuses_pillow_in_its_careless_mode(photo, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(RuntimeError, match="LOAD_TRUNCATED_IMAGES"):
        decode_image(photo[:700], (32, 32))


# === Decoding many ===


def test_decodes_in_memory_and_on_disk(cifar_zip, members, tmp_path):
    files = find_images(cifar_zip)
    kept = decode_images(files)
    written = decode_images(files, out=tmp_path / "cifar.npy", threads=1)
    assert isinstance(written.images, np.memmap)
    opened = load_images(tmp_path / "cifar.npy")
    assert kept.fingerprint() == written.fingerprint() == opened.fingerprint()
    for images in (kept, written, opened):
        assert images.image_shape == (32, 32, 3)
        assert str(images.report) == "All 200 images decoded."
        for field in ("names", "labels", "groups", "sides"):
            np.testing.assert_array_equal(getattr(images, field), getattr(files, field))
    expected = np.asarray(Image.open(io.BytesIO(members["CIFAR-10-images/train/ship/0011.jpg"])))
    np.testing.assert_array_equal(kept.images[kept.names == "train/ship/0011.jpg"][0], expected)
    assert decode_images(files, (8, 16), channels=1).image_shape == (8, 16, 1)


@pytest.fixture
def broken(members, tmp_path):
    """200 real files, of which one is cut off and one is text."""
    spoilt = dict(members)
    spoilt["CIFAR-10-images/train/dog/0003.jpg"] = members["CIFAR-10-images/train/dog/0003.jpg"][:-2]
    spoilt["CIFAR-10-images/test/cat/0001.jpg"] = b"not found"
    return lay_out(tmp_path / "broken", spoilt)


def test_broken_files_are_left_out_and_listed(broken, tmp_path):
    listed = tmp_path / "left_out.csv"
    images = decode_images(find_images(broken), out=tmp_path / "images.npy", quarantine=listed)
    opened = load_images(tmp_path / "images.npy")
    for found in (images, opened):
        assert len(found) == 198
        assert found.report.found == 200
        assert found.report.left_out_share == 0.01
        assert [name for name, _ in found.report.quarantined] == ["test/cat/0001.jpg", "train/dog/0003.jpg"]
        assert not {"test/cat/0001.jpg", "train/dog/0003.jpg"} & set(found.names.tolist())
    assert os.path.getsize(tmp_path / "images.npy") == 128 + 198 * 32 * 32 * 3
    np.testing.assert_array_equal(opened.images[50], decode_image(find_images(broken).read(51), (32, 32)))
    assert listed.read_text().splitlines()[:2] == ["name,reason", "test/cat/0001.jpg,not an image"]
    decode_images(find_images(broken).select(slice(100, 120)), quarantine=listed)
    assert not listed.exists()


def test_stops_beyond_the_share_and_keeps_what_was(broken, tmp_path):
    out, listed = tmp_path / "images.npy", tmp_path / "left_out.csv"
    files = find_images(broken)
    decode_images(files, out=out)
    before = out.read_bytes()
    with pytest.raises(ValueError, match=r"at most 0.50% of 200.*2 among the first \d+.*test/cat/0001.jpg"):
        decode_images(files, out=out, quarantine=listed, largest_share_left_out=0.005)
    assert out.read_bytes() == before
    assert len(load_images(out)) == 198
    assert len(listed.read_text().splitlines()) == 3
    assert not list(tmp_path.glob(".*"))
    with pytest.raises(ValueError, match="can be decoded"):
        decode_images(files.select(files.names == "test/cat/0001.jpg"), largest_share_left_out=1)


class Flaky(ImageFiles):
    """Fails a number of times before it reads, as a network share that restarts."""

    tries: ClassVar[dict[int, int]]
    fault: ClassVar[OSError]

    def read(self, index):
        self.tries[index] = self.tries.get(index, 0) + 1
        if index == 5 and self.tries[index] < 3:
            raise self.fault
        return super().read(index)


@pytest.mark.parametrize(
    ("fault", "kept", "tries"),
    [
        (OSError(errno.ESTALE, "Stale file handle"), 200, 3),
        (OSError(errno.EIO, "Input/output error"), 200, 3),
        (FileNotFoundError(errno.ENOENT, "gone"), 199, 1),
    ],
)
def test_passing_faults_are_tried_again(cifar_zip, monkeypatch, fault, kept, tries):
    monkeypatch.setattr(sys.modules[decode_images.__module__], "_PAUSES", (0.0, 0.0, 0.0))
    files = Flaky(**find_images(cifar_zip).__dict__)
    monkeypatch.setattr(Flaky, "tries", {}, raising=False)
    monkeypatch.setattr(Flaky, "fault", fault, raising=False)
    assert len(decode_images(files)) == kept
    assert files.tries[5] == tries
    assert files.tries[6] == 1


def test_files_gone_since_the_listing(members, tmp_path):
    folder = lay_out(tmp_path / "folder", members)
    files = find_images(folder)
    (folder / "CIFAR-10-images" / "test" / "cat" / "0000.jpg").unlink()
    assert "No such file" in decode_images(files).report.quarantined[0][1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": (0, 32)}, "size"),
        ({"channels": 2}, "1 or 3 channels"),
        ({"resize": "nearest"}, "'nearest'"),
        ({"largest_share_left_out": 2}, "from 0 to 1"),
        ({"out": "images.png"}, r"end in .npy"),
    ],
)
def test_refuses_arguments(cifar_zip, options, message):
    with pytest.raises(ValueError, match=message):
        decode_images(find_images(cifar_zip), **options)


def test_load_refuses_damage(cifar_zip, tmp_path):
    out = tmp_path / "images.npy"
    decode_images(find_images(cifar_zip), (8, 8), out=out)
    listing = out.with_suffix(".json")
    text, pixels = listing.read_text(), out.read_bytes()
    for path, content in (
        (listing, text[:-100].encode()),
        (listing, b"[]"),
        (listing, text.replace('"labels"', '"lables"').encode()),
        (out, pixels[:-100]),
        (out, pixels[:50]),
        (out, b""),
    ):
        listing.write_text(text)
        out.write_bytes(pixels)
        path.write_bytes(content)
        with pytest.raises(ValueError, match="Decode the images again"):
            load_images(out)
    listing.unlink()
    with pytest.raises(FileNotFoundError, match=r"images.json"):
        load_images(out)


# === Image sets ===


@pytest.fixture(scope="session")
def cifar(cifar_zip) -> ImageSet:
    return decode_images(find_images(cifar_zip))


def test_image_set_facts(cifar):
    assert cifar.class_counts() == dict.fromkeys(CLASSES, 50)
    ships = cifar.select(cifar.labels == 2)
    assert ships.class_counts() == {"cat": 0, "dog": 0, "ship": 50, "truck": 0}
    assert len(cifar.select(slice(10))) == 10
    assert ships.fingerprint() != cifar.fingerprint()
    changed = cifar.images.copy()
    changed[3, 0, 0, 0] ^= 1
    assert replace(cifar, images=changed).fingerprint() != cifar.fingerprint()
    ages = replace(cifar, labels=None, class_names=(), targets=np.arange(200))
    assert ages.class_counts() == {}
    assert ages.answers.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": np.zeros((200, 8, 8, 3))}, "uint8. Received: float64"),
        ({"images": np.zeros((200, 8, 8), np.uint8)}, r"\(200, 8, 8\)"),
        ({"images": np.zeros((200, 8, 8, 4), np.uint8)}, "1 or 3"),
        ({"labels": None}, "neither"),
        ({"targets": np.zeros(200)}, "both"),
        ({"labels": np.zeros(200)}, "integers"),
        ({"labels": np.full(200, 4)}, "from 0 to 3. Received: 4"),
        ({"labels": np.zeros(3, int)}, r"labels of shape \(200,\)"),
        ({"names": np.full(200, "a")}, "'a' twice"),
        ({"sides": np.full(200, "valid")}, "'train', 'validation', 'test' or ''. Received: 'valid'"),
        ({"class_names": ("a", "a", "b", "c")}, "different class names"),
        ({"labels": None, "targets": np.full(200, np.nan), "class_names": ()}, "finite targets.*test/cat/0000"),
        ({"labels": None, "targets": np.zeros(200)}, "no class names with targets"),
    ],
)
def test_image_set_refuses(cifar, change, message):
    with pytest.raises(ValueError, match=message):
        replace(cifar, **change)


# === TFDS and the command ===


def test_tfds_keeps_files_as_they_are(cifar_zip, members, tmp_path):
    code = (
        "import sys\n"
        "from kerashar.data.images import find_images\n"
        "from kerashar.data.images.image_folder_builder import ImageFolderBuilder\n"
        "builder = ImageFolderBuilder(files=find_images(sys.argv[1]), data_dir=sys.argv[2])\n"
        "builder.download_and_prepare()\n"
        "assert 'tensorflow' not in sys.modules\n"
        "example = builder.as_data_source('train')[45]\n"
        "print(len(builder.as_data_source('test')), example['name'].decode(), example['label'])\n"
        "open(sys.argv[3], 'wb').write(example['file'])\n"
    )
    command = [sys.executable, "-c", code, str(cifar_zip), str(tmp_path / "built"), str(tmp_path / "file.jpg")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "40 train/dog/0005.jpg 1"
    assert (tmp_path / "file.jpg").read_bytes() == members["CIFAR-10-images/train/dog/0005.jpg"]


def test_command(broken, tmp_path, capsys):
    out = tmp_path / "images.npy"
    images_command(broken, out=out)
    printed = capsys.readouterr().out
    for text in ("159", "39", "left out: test/cat/0001.jpg: not an image", "198 of 200 images decoded", "1.00 %"):
        assert text in printed
    assert len(load_images(out)) == 198
    assert (tmp_path / "images_left_out.csv").is_file()
    with pytest.raises(ValueError, match=r"--broken"):
        images_command(broken, out=out, broken=0.0)
