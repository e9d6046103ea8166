"""Puts the list of data formats into the C header: swiftgan help data | formats.py include/swiftgan.h."""

import sys

BEGIN = " * formats: made by `make reference`\n"
END = " * end of formats\n"


def list_of_formats(help_text):
    """The lines of `swiftgan help data` between its first sentences and its usage."""
    return help_text.split("else a string.\n", 1)[1].split("\nUSAGE:", 1)[0].strip("\n")


def header_with(header, formats):
    before, rest = header.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    lines = [" *" + (" " + line if line else "") + "\n" for line in formats.split("\n")]
    return before + BEGIN + "".join(lines) + END + after


if __name__ == "__main__":
    path = sys.argv[1]
    with open(path) as file:
        header = file.read()
    text = header_with(header, list_of_formats(sys.stdin.read()))
    with open(path, "w") as file:
        file.write(text)
