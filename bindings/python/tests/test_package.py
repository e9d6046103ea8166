import doctest
import inspect
import pathlib
import re
import sys

import swiftgan
from swiftgan import _library

HEADER = pathlib.Path(__file__).parents[3] / "include" / "swiftgan.h"


def test_every_function_of_the_header_is_declared():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    declared = {}
    for name, arguments in re.findall(r"\b(swiftgan_\w+)\(([^()]*)\);", text):
        declared[name] = 0 if arguments.strip() == "void" else arguments.count(",") + 1
    assert len(declared) > 20
    assert declared == {name: len(a) for name, (_, a) in _library.DECLARATIONS.items()}


def test_loading_and_callback_types_are_in_one_file():
    for path in pathlib.Path(swiftgan.__file__).parent.glob("*.py"):
        if path.name != "_library.py":
            assert "CFUNCTYPE" not in path.read_text() and "CDLL" not in path.read_text(), path.name


def test_public_names_are_documented():
    for name in swiftgan.__all__:
        thing = getattr(swiftgan, name)
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                if not member.startswith("_") and (callable(value) or isinstance(value, property)):
                    assert inspect.getdoc(getattr(thing, member)), f"{name}.{member}"


def test_version():
    text = (pathlib.Path(__file__).parents[1] / "pyproject.toml").read_text()
    assert f'version = "{swiftgan.__version__}"' in text


def test_example_of_the_package():
    for module in (swiftgan, swiftgan.config, swiftgan.layers, sys.modules["swiftgan.gan"]):
        result = doctest.testmod(module)
        assert result.attempted > 1 and result.failed == 0, module
