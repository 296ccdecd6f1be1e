"""HTML that is escaped by construction: text becomes markup only through `tag`.

Promises: every child that is not `Html` and every attribute is escaped; characters that a page must
not hold (NUL and other controls, halves of surrogate pairs) become U+FFFD, and those that would reorder
the characters of a line are spelled out; nothing here fails.
"""

import re
from html import escape as _escape
from typing import TypeAlias

from use_cases.kernel.text.storable_text import whole

_VOID = frozenset({"input", "meta", "line", "circle", "rect"})
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Html(str):
    """Markup that is safe in a page."""

    __slots__ = ()


Attribute: TypeAlias = str | float | bool | None
"""True is an attribute without a value; None and False are left out."""


def text(value: str) -> Html:
    """Escape text for an element or an attribute."""
    return Html(_escape(plain(value)))


def plain(value: str) -> str:
    """Replace the characters of a text that a page must not hold."""
    return _REORDERING.sub(_spell, _FORBIDDEN.sub("\ufffd", whole(value)))


def tag(name: str, /, *children: str, **attributes: Attribute) -> Html:
    """Return an element. `class_` is `class`; in other names `_` is `-`."""
    opened = f"<{name}{''.join(_attribute(*each) for each in attributes.items())}"
    if name in _VOID:
        return Html(f"{opened}/>")
    # HTML drops the first line break of a `pre`: so the text's own one stays.
    line = "\n" if name == "pre" else ""
    return Html(f"{opened}>{line}{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Join markup and text; text is escaped."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children))


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    said = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {said}"
    return f' {said}="{text(value if isinstance(value, str) else f"{value:g}")}"'


def _spell(found: re.Match[str]) -> str:
    return f"⟨U+{ord(found[0]):04X}⟩"
