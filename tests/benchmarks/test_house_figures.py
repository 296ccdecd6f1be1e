"""What the weight of the house counts."""

from benchmarks.house import code_lines

MODULE = '''"""What it is for."""

import os  # why

# A note.


def text() -> str:
    """Return a text."""
    return """
    of three lines
    """
'''


def test_code_lines_are_those_without_blanks_comments_and_docstrings() -> None:
    assert code_lines(MODULE) == 5
    assert code_lines('"""Nothing but a docstring."""\n') == 0
