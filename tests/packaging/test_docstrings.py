"""Every example in a docstring runs and prints what it says."""

import doctest
import importlib

import pytest

from tests.packaging.test_packaging import PACKAGES, ROOT, library_files

pytestmark = pytest.mark.once


def module_names():
    for path in library_files():
        top, *rest = path.relative_to(ROOT).with_suffix("").parts
        parts = [PACKAGES[top], *(part for part in rest if part != "__init__")]
        yield ".".join(parts)


@pytest.mark.parametrize("name", list(module_names()))
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    results = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert results.failed == 0
