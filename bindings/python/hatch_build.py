"""Puts libswiftgan.so into the wheel: the one that SWIFTGAN_LIBRARY names, or that of the checkout's build/."""

import os
import pathlib
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        beside = pathlib.Path(self.root).parents[1] / "build" / "libswiftgan.so"
        library = pathlib.Path(os.environ.get("SWIFTGAN_LIBRARY", beside))
        if version == "editable" or not library.exists():
            return  # found where it is, or installed by the system
        build_data["force_include"][str(library)] = "swiftgan/libswiftgan.so"
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
