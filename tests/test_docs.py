"""The examples in README.md and docs/*.md run, and print what the page says they print.

A ``python`` block is run; a ``text`` block right after it is what it prints. The blocks of a page
share their names, as a reader who types them in would find.
"""

import contextlib
import io
import re
from pathlib import Path
from unittest.mock import patch

import pytest

import backlit  # noqa: F401  (fills the registry)
from backlit.ir.op import NUMPY, REGISTRY

HERE = Path(__file__).parent.parent
PAGES = [HERE / "README.md", *sorted((HERE / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```\n(?:\n?```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def run_page(text: str) -> None:
    """Run the blocks in order; raise AssertionError where one prints something else."""
    names = {"__name__": "__page__"}
    for code, expected in BLOCK.findall(text):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "<page>", "exec"), names)
        if expected:
            assert _lines(printed.getvalue()) == _lines(expected)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with patch.dict(REGISTRY), patch.dict(NUMPY):  # ops of a page are gone after it
        run_page(page.read_text(encoding="utf-8"))
    for shown in filter(Path.exists, (page.parent / file.name for file in tmp_path.iterdir())):
        assert (tmp_path / shown.name).read_bytes() == shown.read_bytes(), f"{shown} is out of date"


def test_a_page_is_run_as_it_is_read():
    run_page("```python\nx = 2\n```\ntext\n```python\nprint(x)\n```\n\n```text\n2\n```\n")
    with pytest.raises(AssertionError):
        run_page("```python\nprint(2)\n```\n```text\n3\n```\n")
    with pytest.raises(NameError):
        run_page("```python\nprint(y)\n```\n")
