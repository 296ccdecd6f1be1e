"""Routes of the advice capability: what would be decided about a web search."""

from typing import Annotated

from fastapi import Query

from backend.http.dependencies import Candor, Router, needs
from backend.http.fields import FreeText
from backend.http.problems import documented
from backend.schemas.advice import SearchDisciplineReply
from use_cases.advice.errors import (
    ProfileBroken,
    ProfileUnknown,
    SearchOverrideAlone,
    SearchOverrideConflict,
)
from use_cases.advice.web.search_decision import SearchQuestion
from use_cases.kernel.errors import InvalidInput
from use_cases.kernel.model import Scope

router = Router(tags=["advice"], dependencies=[needs(Scope.ADVICE)])

_LONGEST_IN_ADDRESS = 4_000
_SOME_TEXT = r"\S"

ProfileQuery = Annotated[
    FreeText | None,
    Query(max_length=100, description="The domain; without it the server's default."),
]


@router.post(
    "/search-discipline",
    responses=documented(
        SearchOverrideConflict, SearchOverrideAlone, InvalidInput, ProfileUnknown, ProfileBroken
    ),
)
async def decide_search(
    candor: Candor,
    query: Annotated[
        FreeText,
        Query(
            min_length=1,
            max_length=_LONGEST_IN_ADDRESS,
            pattern=_SOME_TEXT,
            description="The question.",
        ),
    ],
    search_override: Annotated[
        FreeText | None,
        Query(max_length=20, description="`/search` or `/nosrch`, where the question has neither."),
    ] = None,
    profile: ProfileQuery = None,
) -> SearchDisciplineReply:
    """Whether the web would be searched for this question, and every rule that says so. Nothing is
    searched.
    """
    asked = SearchQuestion(
        query=query, profile=profile or None, search_override=search_override or None
    )
    decision = await candor.advice.decide_search.run(asked)
    named = profile or candor.settings.advice_profile
    return SearchDisciplineReply.of(
        decision,
        query=query,
        search_override=search_override,
        profile=named,
        policy_payload=decision,
    )
