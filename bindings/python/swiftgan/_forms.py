"""JSON: typed settings become what the library reads, its reports become dictionaries."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, ClassVar

import numpy as np


class Form:
    """A dataclass that stands for a JSON object, or with a ``key`` for ``{key: object}``; None leaves a member out."""

    key: ClassVar[str | None] = None

    def json(self) -> Any:
        """What the library reads; what it would fill in by itself is there, too."""
        assert is_dataclass(self)
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        members = {name: as_json(value) for name, value in values if value is not None}
        if self.key is None:
            return members
        return {self.key: members} if fields(self) else self.key


def as_json(value: Any) -> Any:
    """Settings with forms, mappings, sequences and NumPy's scalars in them, as what ``json.dumps`` takes."""
    if isinstance(value, Form):
        return value.json()
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [as_json(item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


def json_text(value: Any) -> str:
    """The same as a text."""
    return json.dumps(as_json(value))


def parsed(text: str | bytes) -> dict[str, Any]:
    """A report of the library."""
    report: dict[str, Any] = json.loads(text)
    return report
