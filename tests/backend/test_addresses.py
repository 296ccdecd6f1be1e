"""Local mode stays on this machine unless it is said twice."""

import pytest

from backend.addresses import is_loopback, refuse_public_address
from backend.errors import PublicAddressRefused
from backend.settings.settings import Settings


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("localhost", True),
        ("LOCALHOST", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.4", False),
        ("candor.example", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_a_public_address_is_refused_in_local_mode() -> None:
    with pytest.raises(PublicAddressRefused, match=r"'0\.0\.0\.0'"):
        refuse_public_address(Settings(), "0.0.0.0")


def test_a_public_address_may_be_said_twice() -> None:
    refuse_public_address(Settings.model_validate({"allow_public_local": True}), "0.0.0.0")


def test_the_loopback_address_is_always_fine() -> None:
    refuse_public_address(Settings(), "127.0.0.1")


def test_where_keys_are_required_any_address_will_do() -> None:
    refuse_public_address(Settings.model_validate({"auth_mode": "required"}), "0.0.0.0")
