"""Profiles in memory, and the smallest one."""

from collections.abc import Mapping, Sequence

from use_cases.advice.errors import ProfileBroken, ProfileUnknown
from use_cases.advice.profile import Phrase, PhraseScale, Profile

SCALE = PhraseScale(
    (Phrase("low", "Unlikely", 0), Phrase("even", "Even", 4_500), Phrase("high", "Likely", 5_500))
)

PLAIN = Profile(
    profile_id="plain",
    version="1",
    title="Plain",
    description="Knows no tables.",
    prompts={"default": "You help to decide."},
    phrases=SCALE,
    unverified_cap="even",
)


class InMemoryProfiles:
    """Port `Profiles` over those it was given; the first is the default. `broken`: what is wrong,
    by name.
    """

    def __init__(self, *profiles: Profile, broken: Mapping[str, str] | None = None) -> None:
        self._profiles = {profile.profile_id: profile for profile in profiles or (PLAIN,)}
        self._broken = broken or {}

    def profile(self, profile_id: str | None = None) -> Profile:
        """The named one, or the first."""
        name = next(iter(self._profiles)) if profile_id is None else profile_id
        if name in self._broken:
            raise ProfileBroken(self._broken[name])
        if name not in self._profiles:
            raise ProfileUnknown(f"There is no profile {name!r}.")
        return self._profiles[name]

    def names(self) -> Sequence[str]:
        """All of them, broken ones too."""
        return sorted({*self._profiles, *self._broken})

    def unusable(self) -> Mapping[str, str]:
        """None: there are no files."""
        return {}


class InMemoryPrompts:
    """Port `Prompts` over a mapping."""

    def __init__(self, prompts: Mapping[str, str]) -> None:
        self._prompts = prompts

    def prompt(self, prompt_type: str) -> str | None:
        """The text of this type."""
        return self._prompts.get(prompt_type)
