"""One table: every error family has a status and an exit code."""

import pytest

from backend.errors import (
    EXIT_CODE_MEANINGS,
    FAMILIES,
    ExitCode,
    InternalError,
    MethodNotAllowed,
    RouteNotFound,
    SettingsInvalid,
    doors,
    problem,
    retry_after,
)
from use_cases.kernel.errors import (
    CandorError,
    Conflict,
    InvalidInput,
    NotFound,
    QueryFailed,
    QueryRefused,
    RateLimited,
    Refused,
    StorageFull,
    TooLarge,
    Unavailable,
    Unsupported,
    UpstreamFailed,
    UpstreamTimeout,
)


@pytest.mark.parametrize(
    ("family", "status", "exit_code"),
    [
        (InvalidInput, 422, 2),
        (Refused, 403, 4),
        (NotFound, 404, 3),
        (Conflict, 409, 5),
        (TooLarge, 413, 2),
        (Unsupported, 415, 2),
        (RateLimited, 429, 6),
        (UpstreamFailed, 502, 6),
        (UpstreamTimeout, 504, 6),
        (Unavailable, 503, 7),
        (CandorError, 500, 1),
        (InternalError, 500, 1),
        (SettingsInvalid, 422, 2),
        (MethodNotAllowed, 405, 2),
        (RouteNotFound, 404, 3),
        (QueryRefused, 403, 4),
        (QueryFailed, 422, 2),
        (StorageFull, 503, 7),
    ],
)
def test_each_error_has_its_status_and_exit_code(
    family: type[CandorError], status: int, exit_code: int
) -> None:
    found = doors(family("It happened."))
    assert found.status == status
    assert found.exit_code == exit_code


def test_every_family_is_in_the_table() -> None:
    kernel = {
        family
        for family in CandorError.__subclasses__()
        if family.__module__ == "use_cases.kernel.errors"
    }
    assert kernel == set(FAMILIES)


def test_every_exit_code_has_a_meaning() -> None:
    assert set(EXIT_CODE_MEANINGS) == set(ExitCode)


def test_a_problem_says_all_a_program_and_a_person_need() -> None:
    assert problem(QueryRefused("DELETE is not allowed.", hint="Use SELECT.")) == {
        "type": "urn:candor:error:query_refused",
        "title": "Query refused",
        "status": 403,
        "detail": "DELETE is not allowed.",
        "code": "query_refused",
        "hint": "Use SELECT.",
    }


@pytest.mark.parametrize(
    ("seconds", "header"), [(None, None), (0.0, "1"), (0.2, "1"), (2.1, "3"), (30.0, "30")]
)
def test_retry_after_is_whole_seconds(seconds: float | None, header: str | None) -> None:
    assert retry_after(RateLimited("Slow down.", retry_after=seconds)) == header
