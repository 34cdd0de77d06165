"""What holds for the package as a whole."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.run_all import WHEEL_OPTIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "kerashar": "kerashar",
    "features": "kerashar.features",
    "search_spaces": "kerashar.search_spaces",
}
# What a package may import of ours; to its left in the flow of data.
ALLOWED = {
    "layers": {"backend", "names"},
    "models": {"layers", "features", "names", "files", "initial_weights", "replacing"},
    "losses": {"names", "lazy_names"},
    "optimizers": {"backend", "names", "lazy_names"},
    "schedules": {"names", "lazy_names"},
    "callbacks": {"files", "models", "names", "schedules", "training"},
    "pages": {"files", "lazy_names"},
    "data": {"files", "names", "lazy_names", "pages"},
    "training": {
        *("models", "layers", "features", "losses", "optimizers", "schedules", "data", "callbacks"),
        *("names", "lazy_names", "files", "backend"),
    },
    "baselines": {"training", "features", "data", "names"},
    "inference": {"models", "layers", "backend", "files", "names", "lazy_names"},
    "export": {
        "models",
        "inference",
        "training",
        "data",
        "files",
        "names",
        "lazy_names",
        "fresh_process",
        "replacing",
        "choose_backend",
    },
    "prediction": {"models", "training", "data", "files", "names", "lazy_names"},
    "report": {"explanations", "training", "models", "data", "pages", "files", "names", "lazy_names"},
    "runs": {"search", "training", "files", "names", "lazy_names", "locks"},
    "serving": {"prediction", "inference", "training", "models", "data", "files", "names", "lazy_names"},
    "explanations": {"models", "layers", "backend", "files", "names"},
    "profiling": {"models", "layers", "backend", "files", "fresh_process", "replacing"},
    "search": {
        *("training", "models", "features", "data", "pages", "names", "files", "lazy_names", "locks"),
        "choose_backend",
    },
    "studies": {"search", "profiling", "training", "models", "data", "pages", "files", "names", "lazy_names"}
    | {"choose_backend"},
    "search_spaces": {"search", "studies", "names"},
    "features": {"layers", "backend", "names", "lazy_names", "files"},
}
pytestmark = pytest.mark.once


def library_files():
    return [path for top in PACKAGES for path in sorted((ROOT / top).rglob("*.py"))]


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_every_folder_with_code_is_a_listed_package():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    found = set()
    for path in library_files():
        top, *rest = path.parent.relative_to(ROOT).parts
        found.add(".".join([PACKAGES[top], *rest]))
    assert found == listed


def test_data_flows_one_way():
    wrong = []
    for path in library_files():
        place = path.relative_to(ROOT).parts
        here = place[1] if place[0] == "kerashar" else place[0]
        if here not in ALLOWED:  # the command line may import all, single modules stand below all
            continue
        for module in imported_modules(path):
            parts = module.split(".")
            if parts[0] == "kerashar" and len(parts) > 1 and parts[1] not in ALLOWED[here] | {here}:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong


def test_backends_and_ray_stay_where_they_belong():
    wrong = []
    for path in library_files():
        for module in imported_modules(path):
            top = module.split(".")[0]
            if top in {"torch", "jax", "tensorflow"} and path.name != "backend.py":
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
            if top == "ray" and "search" not in path.relative_to(ROOT).parts:
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
            if module.startswith("keras.src"):
                wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert not wrong


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", *WHEEL_OPTIONS, "--wheel-dir", str(folder), "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def in_fresh_process(code, folder, **environment):
    command = [sys.executable, "-c", code]
    settings = {**os.environ, "KERAS_BACKEND": "torch", **environment}
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_wheel_holds_every_module(wheel):
    modules = {path.relative_to(wheel).as_posix() for path in (wheel / "kerashar").rglob("*.py")}
    expected = {
        Path(PACKAGES[place.parts[0]].replace(".", "/"), *place.parts[1:]).as_posix()
        for place in (path.relative_to(ROOT) for path in library_files())
    }
    assert modules == expected
    assert (wheel / "kerashar" / "py.typed").exists()


def test_the_wheel_works_from_another_folder(wheel, tmp_path):
    code = (
        "import kerashar, kerashar.features, kerashar.search_spaces as spaces;"
        "print(kerashar.__file__, spaces.__file__, *kerashar.list_models())"
    )
    found, spaces, *models = in_fresh_process(code, tmp_path, PYTHONPATH=str(wheel)).split()
    assert Path(found).is_relative_to(wheel)
    assert Path(spaces).is_relative_to(wheel)
    assert "modern_tcn" in models


def test_the_editable_install_finds_the_mapped_packages(tmp_path):
    code = "import kerashar.features, kerashar.search_spaces as spaces; print(spaces.__file__)"
    assert Path(in_fresh_process(code, tmp_path)) == ROOT / "search_spaces" / "__init__.py"


def test_bare_imports_of_mapped_packages_are_a_lint_error(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import features\nfrom search_spaces import search_space\nfrom pkgutil import walk_packages\n")
    command = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.count("TID251") == 3


def test_importing_kerashar_is_light(tmp_path):
    code = (
        "import sys, kerashar, kerashar.data, kerashar.search, kerashar.search_spaces;"
        "print(*({'keras', 'ray', 'tensorflow_datasets', 'matplotlib', 'torch', 'scipy'} & set(sys.modules)))"
    )
    assert in_fresh_process(code, tmp_path) == ""


def test_the_readme_has_a_row_for_each_model():
    from kerashar.models import list_models
    from kerashar.search_spaces import list_search_spaces

    rows = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(rows) == list_models() == list_search_spaces()


def test_the_change_log_names_the_version():
    import kerashar

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["project"]["version"] == kerashar.__version__
    assert f"## {kerashar.__version__}" in (ROOT / "CHANGELOG.md").read_text()
