"""Masking of secrets in text, by value and by shape.

Promises: no value of a secret setting of four characters or more, in any of its usual spellings,
and nothing shaped like a key, a bearer token or a password in a URL survives `Mask`. Leaves to
others: its use (`backend/observability/logs.py` masks every line).
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

HIDDEN = "[hidden]"

_SHAPES = (
    re.compile(r"\bcndr_[A-Za-z0-9_\-]{8,}"),
    re.compile(r"\b(?:sk|pk|rk|xai|gsk|ghp|co)[-_][A-Za-z0-9_\-]{12,}"),
    re.compile(r"(?i)(?<=\bbearer )[A-Za-z0-9._~+/=\-]{6,}"),
    re.compile(r"(?i)(?<=\bbasic )[A-Za-z0-9+/=]{8,}"),
    re.compile(
        r"(?i)(?:api[-_]?key|token|secret|password)[\"']?\s*[:=]\s*[\"']?(?P<value>[^\s\"',;&})]{6,})"
    ),
    re.compile(r"[?&](?:code|state)=(?P<value>[^\s\"'&]{16,})"),  # a sign-in's answer in an address
    re.compile(r"(?<=://)[^\s/:@]*:(?P<value>[^\s/@]+)(?=@)"),
)
_SHORTEST = 4


class Mask:
    """Replaces secrets in a text by `[hidden]`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {form for secret in secrets for form in _spell(secret)}
        # Longest first, so that a secret which contains another leaves no rest behind.
        self._values = sorted(spellings, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without secrets."""
        for value in self._values:
            text = text.replace(value, HIDDEN)
        for shape in _SHAPES:
            text = shape.sub(_hide, text)
        return text


def _hide(match: re.Match[str]) -> str:
    """Replace only the secret part where the shape names one, else all of it."""
    if "value" not in match.re.groupindex:
        return HIDDEN
    start, end = match.start("value") - match.start(), match.end("value") - match.start()
    return match[0][:start] + HIDDEN + match[0][end:]


def _spell(secret: str) -> set[str]:
    """Return a secret as it is, in a URL, in JSON and in a repr; a database URL by its password
    alone.
    """
    if "://" in secret:
        # Without a password it is no secret, and masking it would only hide a file name.
        secret = _password(secret)
    forms = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return {form for form in forms if len(form) >= _SHORTEST}


def _password(url: str) -> str:
    """Return the password in a URL; empty where there is none or the URL is malformed."""
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
