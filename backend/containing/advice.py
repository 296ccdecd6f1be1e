"""The use cases of advice: what is recommended, how sure, and what came of it."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.containing.knowledge import KnowledgeParts

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.advice.ports import Calibrations, Profiles, Prompts, Responses, WebSearch


class AdviceParts(KnowledgeParts):
    """Advise, and learn from what happened."""

    # Ports

    @cached_property
    def responses(self) -> "Responses":
        """The recorded advice."""
        return self._ports.responses()

    @cached_property
    def calibrations(self) -> "Calibrations":
        """The versions of each profile's calibration."""
        return self._ports.calibrations()

    @cached_property
    def profiles(self) -> "Profiles":
        """The domains of advice."""
        return self._ports.profiles()

    @cached_property
    def prompts(self) -> "Prompts | None":
        """Instructions of this installation; None where it has none."""
        return self._ports.prompts()

    @cached_property
    def web_search(self) -> "WebSearch | None":
        """A search of the web beside those of the models' providers; None where there is none."""
        return self._ports.web_search()
