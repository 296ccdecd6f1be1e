"""What the advice capability needs of the world, beside the kernel's ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from use_cases.advice.model import (
    CalibrationVersion,
    Feedback,
    OutcomeState,
    Response,
    ResponseFilter,
    Scored,
    TuningNote,
)
from use_cases.advice.profile import Profile
from use_cases.kernel.identity.admission import Charge
from use_cases.kernel.model import Caller


@dataclass(frozen=True, slots=True)
class ResponsePage:
    """Some responses, newest first; `total` counts all that match the filter."""

    responses: Sequence[Response]
    total: int


@dataclass(frozen=True, slots=True)
class FeedbackKept:
    """What keeping a feedback did: `in_force`, what is known of the response now, whatever this one
    told; `repeated`, it was known already and nothing was changed; `superseded`, the judgement that
    it replaced.
    """

    feedback: Feedback
    in_force: OutcomeState
    repeated: bool = False
    superseded: Feedback | None = None


class Responses(Protocol):
    """Recorded advice and what is known of it. Another person's is as absent as one never given."""

    async def keep(self, response: Response, charge: Charge | None = None) -> None:
        """Store new advice, and add `charge` to what its key has used; durable on return.

        Raises `Conflict` when the id is taken.
        """
        ...

    async def charge(self, charge: Charge) -> None:
        """Add to what a key has used, for advice that failed."""
        ...

    async def response(self, caller: Caller, response_id: str) -> Response:
        """One response with its judgement in force. Raises `ResponseNotFound`."""
        ...

    async def responses(
        self,
        caller: Caller,
        wanted: ResponseFilter,
        *,
        limit: int = 20,
        before: str | None = None,
    ) -> ResponsePage:
        """Newest first; `before` is the id of the last one already seen. Raises `ResponseNotFound`
        when `before` is none of the caller's.
        """
        ...

    async def scored(self, caller: Caller, wanted: ResponseFilter) -> Sequence[Scored]:
        """All that state a confidence, oldest first, whatever is known of them."""
        ...

    async def judge(self, caller: Caller, feedback: Feedback) -> FeedbackKept:
        """Keep a feedback, all or nothing; durable on return.

        An outcome other than the one in force supersedes that one; the same outcome again, or the
        same `key` with the same content, changes nothing but what is newly told (`helpful`,
        `notes`). Raises `ResponseNotFound`, and `FeedbackKeyReused` for a key with other content.
        """
        ...

    async def feedback(self, caller: Caller, response_id: str) -> Sequence[Feedback]:
        """All feedback on a response, oldest first, superseded too. Raises `ResponseNotFound`."""
        ...


class Calibrations(Protocol):
    """The versions of each profile's calibration."""

    async def current(self, profile: str) -> CalibrationVersion | None:
        """The version in force; None where nothing was tuned yet."""
        ...

    async def version(self, version_id: str) -> CalibrationVersion:
        """One version. Raises `CalibrationNotFound`."""
        ...

    async def versions(self, profile: str, *, limit: int = 50) -> Sequence[CalibrationVersion]:
        """The versions of a profile, newest first."""
        ...

    async def put_in_force(self, version: CalibrationVersion, note: TuningNote) -> None:
        """Store a version with its note and put it in force, all or nothing, durable on return.

        Raises `TuningConflict` when the version in force is not its `parent_id`.
        """
        ...

    async def note(self, note: TuningNote) -> None:
        """Add to the audit what put nothing in force."""
        ...

    async def notes(self, profile: str, *, limit: int = 50) -> Sequence[TuningNote]:
        """The audit of a profile, newest first."""
        ...


class Profiles(Protocol):
    """The domains of advice."""

    def profile(self, profile_id: str | None = None) -> Profile:
        """The named profile, or the default. Raises `ProfileUnknown`, or `ProfileBroken` for a
        file that cannot be used.
        """
        ...

    def names(self) -> Sequence[str]:
        """All profiles there are, broken ones too."""
        ...

    def unusable(self) -> Mapping[str, str]:
        """What was put there to be a profile and cannot be one by its name or place: why, by name."""
        ...


class Prompts(Protocol):
    """Instructions that an installation gives by itself."""

    def prompt(self, prompt_type: str) -> str | None:
        """The instructions for this type, where the installation has its own."""
        ...


@dataclass(frozen=True, slots=True)
class WebPage:
    """What a web search found of one page."""

    url: str
    title: str
    text: str


class WebSearch(Protocol):
    """A search of the web."""

    async def search(self, query: str) -> Sequence[WebPage]:
        """The best pages. Raises `UpstreamFailed`, `UpstreamTimeout` or `RateLimited`."""
        ...
