"""What a figure must be quoted with: the machine that it was measured on."""

import os
import platform
import time


def machine():
    fields = {}
    with open("/proc/cpuinfo") as file:
        for line in file:
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    flags = set(fields.get("flags", fields.get("Features", "")).split())
    if "avx512f" in flags:
        best = "AVX-512"
    else:
        best = "AVX2" if {"avx2", "fma"} <= flags else platform.machine()
    return {
        "processor": f"{fields.get('model name', platform.machine())} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})",
        "cores": len(os.sched_getaffinity(0)),
        "instruction_set": best,
        "forced": os.environ.get("SWIFTGAN_ISA"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
        "time": time.time(),
    }
