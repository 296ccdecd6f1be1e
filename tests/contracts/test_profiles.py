"""What every implementation of the port `Profiles` does."""

from pathlib import Path

import pytest

from services.profiles.profile_folders import FolderProfiles
from tests.fakes.profiles import PLAIN, InMemoryProfiles
from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.ports import Profiles


@pytest.fixture(params=["memory", "folders"])
def profiles(request: pytest.FixtureRequest, tmp_path: Path) -> Profiles:
    """One called `plain`, which is the default, and a broken one."""
    if request.param == "memory":
        return InMemoryProfiles(PLAIN, broken={"broken": "broken.yaml: no"})
    (tmp_path / "plain.yaml").write_text(
        "title: Plain\ndescription: Nothing.\nprompts: {default: Help.}\n"
    )
    (tmp_path / "broken.yaml").write_text("title: [\n")
    return FolderProfiles(default="plain", own=tmp_path)


def test_one_is_the_default(profiles: Profiles) -> None:
    assert profiles.profile() == profiles.profile("plain")
    assert profiles.profile().profile_id == "plain"
    assert "default" in profiles.profile().prompts


def test_a_broken_one_is_named_and_costs_only_itself(profiles: Profiles) -> None:
    assert {"plain", "broken"} <= set(profiles.names())
    assert list(profiles.names()) == sorted(profiles.names())
    assert profiles.unusable() == {}
    with pytest.raises(ProfileBroken) as caught:
        profiles.profile("broken")
    assert "broken.yaml" in caught.value.detail
    assert profiles.profile("plain").title == "Plain"


@pytest.mark.parametrize("name", ["nowhere", "", "../plain", "plain.yaml", "/etc/passwd", "PLAIN"])
def test_any_other_name_is_unknown(profiles: Profiles, name: str) -> None:
    with pytest.raises(ProfileUnknown):
        profiles.profile(name)
