"""Runs the Python examples of a document against $HEADROOM_URL, and compares what they print: examples.py DOCUMENT

A block of text directly below a block of Python is what it prints. The blocks of a document share their names.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pathlib
import re
import sys

BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n?^```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
# Where the documents have their server.
DOCUMENTED = "http://localhost:8000"
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def main() -> None:
    # That something was not checked is meant in the examples.
    logging.getLogger("headroom_client").setLevel(logging.ERROR)
    document = pathlib.Path(sys.argv[1])
    names: dict[str, object] = {"__name__": "__main__"}
    blocks = BLOCK.findall(document.read_text())
    assert blocks, f"{document} has no example"
    for code, expected in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code.replace(DOCUMENTED, os.environ["HEADROOM_URL"]), str(document), "exec"), names)
        found, documented = (DAY.sub("DAY", text).split() for text in (printed.getvalue(), expected))
        assert found == documented, f"{document.name}: printed\n{printed.getvalue()}and not\n{expected}"
    print(f"the examples of {document.name} do what it says: {len(blocks)}")


main()
