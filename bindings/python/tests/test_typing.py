"""mypy --strict on a user's code: clean where nothing is misspelled, an error at each misspelling."""

import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
# Code with one mistake each, and what the error must name.
MISTAKES = {
    "swiftgan.GAN(lerning_rate=config.Linear(10))": "lerning_rate",
    "swiftgan.GAN(labels='conditionl')": "labels",
    "swiftgan.GAN('dcgn')": "dcgn|preset|arg-type",
    "swiftgan.GAN(average='0.9')": "average",
    "swiftgan.GAN(optimizer=config.Adam(lr=0.1))": "lr",
    "swiftgan.GAN(objective='hing')": "objective",
    "swiftgan.GAN(random_state=1.5)": "random_state",
    "swiftgan.GAN().fit([[1.0]], stepz=3)": "stepz",
    "swiftgan.GAN().avrage": "avrage",
    "swiftgan.GAN().sample(2).to_pill()": "to_pill",
    "swiftgan.GAN().score_sample([[1.0]])": "score_sample",
    "swiftgan.Model({}).trainn('ring', 1)": "trainn",
    "swiftgan.set_log('swiftgan')": "set_log",
}


def mypy(*paths):
    pytest.importorskip("mypy", reason="mypy is not installed")
    environment = os.environ | {"MYPYPATH": str(HERE.parent), "MYPY_CACHE_DIR": os.devnull}
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(HERE.parent / "pyproject.toml"), *map(str, paths)]
    return subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True, timeout=300)


def test_users_code(tmp_path):
    """One run of mypy for both: it reads NumPy's types each time."""
    wrong = tmp_path / "misspelled.py"
    wrong.write_text("import swiftgan\nfrom swiftgan import config\n\n" + "".join(line + "\n" for line in MISTAKES))
    result = mypy(HERE / "user_code.py", wrong)
    assert result.returncode == 1, result.stdout + result.stderr
    errors = [line for line in result.stdout.splitlines() if ": error: " in line]
    assert [line for line in errors if "misspelled.py" not in line] == []
    for number, (code, names) in enumerate(MISTAKES.items(), 4):
        told = [line for line in errors if f"misspelled.py:{number}:" in line]
        assert told and any(name in told[0] for name in names.split("|")), (code, told)
