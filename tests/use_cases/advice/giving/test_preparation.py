"""Which model advises: five steps, and what is shown as the default."""

import pytest

from use_cases.advice.giving.preparation import ModelDefaults


@pytest.mark.parametrize(
    ("requested", "stored", "environment", "application", "model"),
    [
        ("requested", "stored", "env", "app", "requested"),
        (None, "stored", "env", "app", "stored"),
        (None, None, "env", "app", "env"),
        (None, None, None, "app", "app"),
        (None, None, None, None, "gpt-4.1"),
        ("", None, "  ", "app", "app"),
        ("offline", None, None, None, "offline:adviser"),
        ("offline:extractive", None, None, None, "offline:adviser"),
        (None, None, None, "offline:adviser", "offline:adviser"),
        ("gpt-4.1, offline", None, None, None, "gpt-4.1,offline:adviser"),
    ],
)
def test_the_first_that_is_named_advises(
    requested: str | None,
    stored: str | None,
    environment: str | None,
    application: str | None,
    model: str,
) -> None:
    assert ModelDefaults(environment, application).chosen(requested, stored) == model
