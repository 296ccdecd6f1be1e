"""The frame of a report: one self-contained page that opens in any browser, without a server.

Promises: no request leaves the page, and its Content-Security-Policy admits no style or script but its
own, by their hashes; light and dark; usable on a phone, by keyboard and on paper; without scripts only
the filters are missing. Leaves to others: the templates, which share the macros of `frame.html`.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from backend.pages import GrowingPage

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")


def _source(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src {_source(_STYLE)}; script-src {_source(_SCRIPT)}; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)
"""The policy that the page states, for a server to send as a header, too."""


def report(template: str, **values: object) -> GrowingPage:
    """Return a page of this folder within the frame."""
    return GrowingPage(
        f"reports/{template}",
        style=_STYLE,
        script=_SCRIPT,
        policy=CONTENT_SECURITY_POLICY,
        filled_columns=_filled_columns,
        **values,
    )


def _filled_columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the headers of the first column and of each that is not empty or 0 in every row."""
    first, *others = rows[0] if rows else [""]
    return [
        first,
        *(each for each in others if any(row[each] not in ("", 0, None) for row in rows)),
    ]
