"""The file `.candorignore` in an ingested folder: what is not to be read, in gitignore's patterns.

Promises: the folder's own file alone counts, not those below it; one that cannot be read or
understood ends the walk, because what it names may be private. Leaves the walk to `walking`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from use_cases.knowledge.errors import SourceBroken

IGNORE_FILE = ".candorignore"

Ignored: TypeAlias = Callable[[str], bool]
"""Whether a name below the root is to be left out; a folder's ends with `/`."""


def ignored_below(root: Path) -> Ignored:
    """What the file in `root` says; nothing is ignored where there is none.

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
