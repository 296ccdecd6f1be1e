"""Pages from Jinja2 templates, which lie beside the code that fills them.

Promises: every value is escaped; characters that a page must not hold (NUL and other controls, halves of
surrogate pairs) become U+FFFD, and those that would reorder the characters of a line are spelled out; a
name that a template gets wrong is an error. Templates may build lists (`do`); None shows nothing.

A report is one self-contained page that opens in any browser, without a server. No request leaves it, and
its Content-Security-Policy admits no style or script but its own, by their hashes. It is light and dark, of
use on a phone, by keyboard and on paper; without scripts only the filters are missing. Its style, and that
of the server's pages, is the console's, inside the page.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from use_cases.kernel.text.plain_text import whole

if TYPE_CHECKING:
    from jinja2 import Environment

_FORBIDDEN = "\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
_REORDERING = "\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[{_FORBIDDEN}]|([{_REORDERING}])")
_REPORTS = Path(__file__).parent / "reports"
_STYLE = (Path(__file__).parent / "console" / "static" / "console.css").read_text(encoding="utf-8")
_SCRIPT = (_REPORTS / "page.js").read_text(encoding="utf-8")


def _source(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


STYLED = f"default-src 'none'; style-src {_source(_STYLE)}; base-uri 'none'; form-action 'none'"
"""The policy of a page that has this style and nothing else."""

CONTENT_SECURITY_POLICY = f"{STYLED}; script-src {_source(_SCRIPT)}; img-src data:"
"""The policy that a report states, for a server to send as a header, too."""


class GrowingPage:
    """A template with its values. Its macros are the parts of the page, so a page can grow in pieces."""

    def __init__(self, template: str, **values: object) -> None:
        self._parts = _environment().get_template(template).make_module(values)

    def part(self, name: str, *arguments: object) -> str:
        """Returns the text of a macro."""
        return str(getattr(self._parts, name)(*arguments))


def report(template: str, **values: object) -> GrowingPage:
    """Returns a page of a report, whose template shares the macros of `frame.html`."""
    return GrowingPage(
        f"reports/{template}",
        style=_STYLE,
        script=_SCRIPT,
        policy=CONTENT_SECURITY_POLICY,
        filled_columns=_filled_columns,
        **values,
    )


def rendered(template: str, **values: object) -> str:
    """Returns the text of a page that is made at once."""
    return _environment().get_template(template).render(values, style=_STYLE)


def plain(value: str) -> str:
    """Replaces the characters of a text that a page must not hold."""
    return value if value.isprintable() else _UNWANTED.sub(_instead, whole(value))


def _instead(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[1]):04X}⟩" if found[1] else "\ufffd"


@cache
def _environment() -> "Environment":
    # Imported here: most commands of the terminal show no page.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _shown(value: object) -> object:
    if value is None:
        return ""
    return plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _filled_columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Returns the headers of the first column and of each that is not empty or 0 in every row."""
    first, *others = rows[0] if rows else [""]
    return [
        first,
        *(each for each in others if any(row[each] not in ("", 0, None) for row in rows)),
    ]
