"""The file `.candorignore` in an ingested folder: patterns of files to leave out, as in gitignore.

Promises: only the folder's own file counts, not those below it; an unreadable or invalid one ends
the walk, because it may name private files. Leaves to others: the walk (`file_walk.py`).
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from use_cases.knowledge.errors import SourceBroken

IGNORE_FILE = ".candorignore"

Ignored: TypeAlias = Callable[[str], bool]
"""A predicate over names below the root, true for those to leave out; a folder's ends with `/`."""


def read_ignore_rules(root: Path) -> Ignored:
    """Read the rules of the file in `root`; without a file nothing is ignored.

    Raises `SourceBroken`, and `OSError` when it cannot be read.
    """
    try:
        lines = (root / IGNORE_FILE).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return lambda _: False
    except UnicodeDecodeError as error:
        raise SourceBroken(
            f"{IGNORE_FILE} is not UTF-8 text.", hint="Save it as UTF-8, or remove it."
        ) from error
    # Imported here because most folders have no such file.
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines).match_file
    except ValueError as error:
        raise SourceBroken(
            f"{IGNORE_FILE} has a pattern that cannot be understood: {error}.",
            hint="Its patterns are those of .gitignore.",
        ) from error
