"""What `candor profiles` and `candor doctor` say of profiles that cannot be used, or have nothing to try."""

from pathlib import Path

import pytest

from tests.backend.cli.conftest import Candor, read_json


def doctored(candor: Candor) -> tuple[str, str]:
    checks = read_json(candor("doctor", "--json"))["checks"]
    return next((c["level"], c["detail"]) for c in checks if c["name"] == "profiles")


def test_a_profile_without_queries_has_nothing_to_try(candor: Candor) -> None:
    checked = candor("profiles", "general", "--check")

    assert checked.exit_code == 0
    assert checked.stdout == "general can be used. It has no tables and no queries to try.\n"


def test_what_cannot_be_a_profile_is_listed_with_the_reason(
    candor: Candor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_json(candor("profiles", "--json"))["unusable"] == []
    (tmp_path / "Bad Name.yaml").write_text("title: Bad")
    monkeypatch.setenv("PROFILES_PATH", str(tmp_path))
    assert "Bad Name.yaml  unusable" in candor("profiles").stdout
    listed = read_json(candor("profiles", "--json"))["unusable"]
    assert [each["name"] for each in listed] == ["Bad Name.yaml"]
    monkeypatch.setenv("PROFILES_PATH", "/nonexistent")
    assert "No such file or directory" in candor("profiles").stdout


def test_profiles_that_cannot_be_used_are_a_warning(
    candor: Candor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctored(candor) == ("ok", "3: fantasy-fpl, fantasy-nfl, general")
    monkeypatch.setenv("PROFILES_PATH", "/nonexistent")
    assert doctored(candor) == (
        "warn",
        "/nonexistent: The folder cannot be read: No such file or directory.",
    )
    (tmp_path / "bad.yaml").write_text("title: [")
    (tmp_path / "Bad.yaml").write_text("title: Bad")
    monkeypatch.setenv("PROFILES_PATH", str(tmp_path))
    level, detail = doctored(candor)
    assert level == "warn"
    assert "Bad.yaml: A profile's name has small letters" in detail
    assert "bad.yaml: line 1" in detail


def test_a_default_profile_that_is_not_there_is_a_failure(
    candor: Candor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVICE_PROFILE", "chess")
    level, detail = doctored(candor)
    assert level == "fail"
    assert detail.startswith("profile_unknown: There is no profile 'chess'")
