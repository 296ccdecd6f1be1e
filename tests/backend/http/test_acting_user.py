"""Whom a request acts for: the caller, or in local mode whoever it names."""

from dataclasses import replace

import pytest

from backend.errors import UserMismatch
from backend.http.dependencies import acting_for
from use_cases.kernel.model import LOCAL, Caller


def test_in_local_mode_a_frontend_names_its_users() -> None:
    assert acting_for(LOCAL, "ada") == replace(LOCAL, user_id="ada")


@pytest.mark.parametrize("named", [None, "ada"])
def test_a_caller_is_who_they_are(named: str | None) -> None:
    ada = Caller(user_id="ada")
    assert acting_for(ada, named) is ada


@pytest.mark.parametrize("named", ["grace", "Ada", "ada ", "local", ""])
def test_a_caller_is_nobody_else(named: str) -> None:
    with pytest.raises(UserMismatch) as refused:
        acting_for(Caller(user_id="ada"), named)
    assert "ada" not in refused.value.detail
