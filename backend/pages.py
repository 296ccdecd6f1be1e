"""Pages from Jinja2 templates, which lie beside the code that fills them.

Promises: every value is escaped; characters that a page must not hold (NUL and other controls, halves of
surrogate pairs) become U+FFFD, and those that would reorder the characters of a line are spelled out; a
name that a template gets wrong is an error. Templates may build lists (`do`); None shows nothing.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from use_cases.kernel.text.storable_text import whole

if TYPE_CHECKING:
    from jinja2 import Environment

_FORBIDDEN = "\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff"
_REORDERING = "\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(f"[{_FORBIDDEN}]|([{_REORDERING}])")


class GrowingPage:
    """A template with its values. Its macros are the parts of the page, so a page can grow in pieces."""

    def __init__(self, template: str, **values: object) -> None:
        self._parts = _environment().get_template(template).make_module(values)

    def part(self, name: str, *arguments: object) -> str:
        """Return the text of a macro."""
        return str(getattr(self._parts, name)(*arguments))


def rendered(template: str, **values: object) -> str:
    """Return the text of a page that is made at once."""
    return _environment().get_template(template).render(values)


def plain(value: str) -> str:
    """Replace the characters of a text that a page must not hold."""
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
