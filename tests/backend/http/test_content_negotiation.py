"""Choosing the form of an answer by the Accept header."""

import pytest

from backend.http.dependencies import negotiate

FORMS = ("text/event-stream", "text/plain", "application/x-ndjson")


@pytest.mark.parametrize(
    ("header", "form"),
    [
        (None, "text/event-stream"),
        ("", "text/event-stream"),
        ("*/*", "text/event-stream"),
        ("text/event-stream", "text/event-stream"),
        ("text/plain", "text/plain"),
        ("TEXT/Plain; charset=utf-8", "text/plain"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/*", "text/event-stream"),
        ("application/*", "application/x-ndjson"),
        ("application/json", "text/event-stream"),
        ("nonsense", "text/event-stream"),
        (";;;,,;q=x", "text/event-stream"),
        # What axios sends: it takes all of them.
        ("application/json, text/plain, */*", "text/event-stream"),
        ("text/plain, */*;q=0.1", "text/plain"),
        ("text/plain;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("text/event-stream;q=0, */*", "text/plain"),
        ("text/plain;q=no", "text/plain"),
    ],
)
def test_the_form_that_the_header_prefers(header: str | None, form: str) -> None:
    assert negotiate(header, FORMS) == form
