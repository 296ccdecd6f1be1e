"""What a browser loads for the console: one shell for every page, and the files that it names.

Promises: a file's address changes with the content of all of them, so a browser keeps it for a year and
never mixes two versions; the shell holds nothing of anybody, so it needs no sign-in; no script, style, font
or image comes from elsewhere, and the policy lets none in. Leaves to others: the pages themselves, which are
ES modules in `static/` (`router.js` says how to add one).
"""

import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from backend.pages import rendered

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STATIC = Path(__file__).parent / "static"
_COMMENT = re.compile(r"/\*\*.*?\*/ ?|^[ \t]*//[^\n]*", re.DOTALL | re.MULTILINE)
_SERVED = {".js", ".css", ".svg", ".txt"}


@dataclass(frozen=True, slots=True)
class ConsoleFile:
    """A file as it is sent. `etag` is quoted."""

    content: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, text: str, name: str) -> "ConsoleFile":
        """Returns the file of this name."""
        kind = mimetypes.guess_type(name)[0]
        if name.endswith(".js"):
            kind, text = "text/javascript", without_comments(text)
        content = text.encode()
        etag = f'"{sha256(content).hexdigest()[:20]}"'
        return cls(content, f"{kind}; charset=utf-8", etag)


def without_comments(script: str) -> str:
    """Returns a script without what is for its readers: comments and indentation, a third of it.

    A comment begins its line, or is a type within it (`/** @type {…} */`): `//` within a line is not looked
    for, since addresses have it, and no text of ours has `/**`.
    """
    shorter = _COMMENT.sub("", script)
    return "\n".join(line for each in shorter.split("\n") if (line := each.strip()))


@cache
def files() -> Mapping[str, ConsoleFile]:
    """Returns every file by its path below `static/`; they are read once."""
    found = sorted(path for path in _STATIC.rglob("*") if path.suffix in _SERVED)
    return {
        path.relative_to(_STATIC).as_posix(): ConsoleFile.of(
            path.read_text(encoding="utf-8"), path.name
        )
        for path in found
    }


@cache
def version() -> str:
    """Returns the part of every address that changes with the content of any file."""
    every = "".join(f"{name}{file.etag}" for name, file in files().items())
    return sha256(every.encode()).hexdigest()[:12]


def shell(root: str) -> ConsoleFile:
    """Returns the document of every page; `root` is the path that a proxy serves this server under."""
    page = rendered("console/shell.html", root=root, files=f"{root}/console/static/{version()}")
    return ConsoleFile.of(page, "shell.html")
