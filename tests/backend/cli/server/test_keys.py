"""`candor keys`: a key is shown once, listed without its secret, and ended."""

import re

import pytest

from tests.backend.cli.conftest import Candor, read_json

KEY = re.compile(r"cndr_([A-Za-z0-9]{10})_([A-Za-z0-9]{40})\n")


def made(candor: Candor, *words: str) -> tuple[str, str, str]:
    """The whole key, its prefix and its secret part."""
    result = candor("keys", "create", "--user", "anna", "--label", "web", *words)
    match = KEY.fullmatch(result.stdout)
    assert match, result.output
    return match[0].strip(), match[1], match[2]


def test_the_key_alone_goes_to_stdout(candor: Candor) -> None:
    result = candor("keys", "create", "--user", "anna", "--label", "web app", "--expires", "90d")
    assert result.exit_code == 0
    match = KEY.fullmatch(result.stdout)
    assert match
    assert match[2] not in result.stderr
    assert "(web app) of anna, for chat, knowledge:read, advice, until 20" in result.stderr
    assert "it is not shown again" in result.stderr
    assert "only with AUTH_MODE=required" in result.stderr


def test_a_key_is_listed_without_its_secret(candor: Candor) -> None:
    _, prefix, secret = made(candor, "--scope", "metrics", "-s", "chat")
    plain = candor("keys")
    assert prefix in plain.stdout
    assert "in force" in plain.stdout
    assert "chat, metrics" in plain.stdout
    assert secret not in plain.output
    listed = read_json(candor("keys", "list", "--json"))
    assert listed["next_offset"] is None
    (key,) = listed["keys"]
    assert key["prefix"] == prefix
    assert (key["user_id"], key["label"], key["state"]) == ("anna", "web", "in force")
    assert key["scopes"] == ["chat", "metrics"]
    assert key["expires_at"] is key["last_used_at"] is key["revoked_at"] is None
    assert "key" not in key
    assert "digest" not in key


def test_keys_come_in_pages(candor: Candor) -> None:
    for _ in range(3):
        made(candor)
    page = candor("keys", "--limit", "2")
    assert len(page.stdout.splitlines()) == 3
    assert "There are more; add --offset 2" in page.stderr
    assert len(read_json(candor("keys", "--offset", "2", "--json"))["keys"]) == 1


@pytest.mark.parametrize("part", [0, 1])
def test_a_key_is_revoked_by_its_prefix_or_as_a_whole(candor: Candor, part: int) -> None:
    key = made(candor)
    result = candor("keys", "revoke", key[part])
    assert result.exit_code == 0
    assert re.fullmatch(r"Revoked key_\w{26} \(web\) of anna\n", result.stdout)
    assert "revoked" in candor("keys").stdout
    again = candor("keys", "revoke", key[part])
    assert again.exit_code == 0
    assert re.fullmatch(
        r"key_\w{26} \(web\) of anna was revoked already, at [-0-9]{10} [:0-9]{5} UTC\n",
        again.stdout,
    )


def test_an_unknown_key_is_not_found(candor: Candor) -> None:
    result = candor("keys", "revoke", "key_nowhere")
    assert result.exit_code == 3
    assert "error[api_key_not_found]" in result.stderr


@pytest.mark.parametrize("expires", ["soon", "4000d"])
def test_an_odd_life_is_wrong_input(candor: Candor, expires: str) -> None:
    result = candor("keys", "create", "--user", "anna", "--label", "web", f"--expires={expires}")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "error[invalid_input]" in result.stderr
