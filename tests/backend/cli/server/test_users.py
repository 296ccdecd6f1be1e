"""`candor users`: users are listed and changed."""

import pytest

from tests.backend.cli.conftest import Candor, read_json


def test_users_are_listed_and_changed(candor: Candor) -> None:
    empty = candor("users")
    assert empty.exit_code == 0
    assert "candor keys create --user" in empty.output
    candor("keys", "create", "--user", "anna", "--label", "web")
    assert "anna" in candor("users").stdout
    changed = candor("users", "anna", "--admin")
    assert changed.stdout == "anna is administrator\n"
    (anna,) = read_json(candor("users", "--json"))["users"]
    assert (anna["id"], anna["is_admin"], anna["is_active"]) == ("anna", True, True)
    assert anna["email"] is None


def test_a_user_who_is_made_inactive_loses_the_keys(candor: Candor) -> None:
    for _ in range(2):
        candor("keys", "create", "--user", "anna", "--label", "web")
    candor("keys", "create", "--user", "boris", "--label", "web")
    assert candor("users", "anna", "--inactive").stdout == "anna is user, inactive\n"
    states = {(key["user_id"], key["state"]) for key in read_json(candor("keys", "--json"))["keys"]}
    assert states == {("anna", "revoked"), ("boris", "in force")}
    back = read_json(candor("users", "anna", "--active", "--json"))
    assert back["is_active"] is True


def test_an_address_in_the_settings_administers_whatever_is_stored(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    candor("keys", "create", "--user", "anna", "--label", "web")
    monkeypatch.setenv("ADMIN_EMAILS", "anna@example.com")
    assert candor("users", "anna", "--no-admin").stdout == "anna is user\n"


@pytest.mark.parametrize("words", [["nobody", "--admin"], ["anna"], ["--admin"]])
def test_what_cannot_be_changed_is_said(candor: Candor, words: list[str]) -> None:
    result = candor("users", *words)
    assert result.exit_code == (3 if "nobody" in words else 2)
