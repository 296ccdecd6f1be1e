"""The wire of OpenAI's streamed chat completions: what a client is sent, and what it makes of that."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from pydantic_ai.exceptions import ContentFilterError

from backend.stream.openai_chunks import WITHDRAWN, CompletionStream
from backend.stream.openai_shapes import source_link
from tests.backend.stream.turns import PASSAGE, SEARCH, Ground, Piece, Script, raising, saying
from tests.contracts.test_answers import FULL
from tests.fakes.search import FixedSearch, passage
from tests.strict_json import parsed
from use_cases.chat.model import Mode
from use_cases.kernel.citations.sources import SourceKind
from use_cases.kernel.errors import RateLimited
from use_cases.kernel.model import Passage, Said
from use_cases.kernel.runs.surroundings import closing

pytestmark = pytest.mark.anyio

JAILBREAK = '[{"provider_details": {"content_filter_result": {"jailbreak": {"filtered": true}}}}]'
SAID = replace(FULL.sources[0].document, document_id="msg_2", name="chat_1", said=Said("gpt-4o"))
NOT_FOUND = (
    "I can't find this in the knowledge base. "
    "Could you name the document, system or rule it should be in?"
)


class Received:
    """A stream as its client sees it."""

    def __init__(self, frames: Sequence[str]) -> None:
        self.frames = [frame for frame in frames if not frame.startswith(":")]
        assert all(f.startswith("data: ") and f.endswith("\n\n") for f in self.frames)
        data = [frame.removeprefix("data: ").strip() for frame in self.frames]
        self.is_done = data[-1] == "[DONE]"
        self.chunks = [
            cast("dict[str, Any]", parsed(each)) for each in (data[:-1] if self.is_done else data)
        ]

    @property
    def deltas(self) -> list[dict[str, Any]]:
        """The deltas, in order."""
        return [one["choices"][0]["delta"] for one in self.chunks if one.get("choices")]

    @property
    def pieces(self) -> list[str]:
        """The pieces of the text."""
        return [delta["content"] for delta in self.deltas if delta.get("content")]

    @property
    def cited(self) -> list[str]:
        """The characters of the text that each annotation marks."""
        text = "".join(self.pieces)
        found = [one["url_citation"] for one in self._annotations()]
        return [text[one["start_index"] : one["end_index"]] for one in found]

    @property
    def candor(self) -> dict[str, Any]:
        """Our own field."""
        (found,) = [one["candor"] for one in self.chunks if "candor" in one]
        return found

    @property
    def reasons(self) -> list[str]:
        """The finish reasons."""
        choices = [choice for one in self.chunks for choice in one.get("choices", [])]
        return [choice["finish_reason"] for choice in choices if choice["finish_reason"]]

    @property
    def addresses(self) -> list[str]:
        """The addresses of the annotations, each once, as clients list them."""
        return list(dict.fromkeys(one["url_citation"]["url"] for one in self._annotations()))

    def _annotations(self) -> list[dict[str, Any]]:
        return [one for delta in self.deltas for one in delta.get("annotations", [])]


async def received(
    script: Script,
    *,
    mode: Mode | None = None,
    usage: bool = False,
    found: Sequence[Passage] = (PASSAGE,),
) -> Received:
    link = partial(source_link, server="http://here", console=True)
    wire = CompletionStream("candor", link, with_usage=usage)
    ground = Ground(script, search=FixedSearch(found))
    async with closing(wire.encode(ground.events(mode=mode))) as frames:
        return Received([frame async for frame in frames])


def answering(*pieces: Piece) -> Script:
    return saying((SEARCH,), pieces)


async def test_the_text_comes_from_its_first_citation_on_with_its_annotations_at_the_end() -> None:
    seen = await received(answering("Every ", "90 days", " [", "1].", " No", " more."))
    assert "".join(seen.pieces) == "Every 90 days [1]. No more."
    assert seen.pieces[0].startswith("Every 90 days [1]")
    assert seen.deltas[0] == {"role": "assistant", "content": ""}
    assert seen.cited == ["[1]"]
    assert seen.reasons == ["stop"]
    assert seen.is_done
    assert {(one["id"], one["object"], one["model"]) for one in seen.chunks} == {
        ("ans_000001", "chat.completion.chunk", "candor")
    }


async def test_our_own_field_is_the_answer_as_it_is_recorded() -> None:
    seen = await received(answering("Every 90 days [1]."))
    assert seen.candor["text"] == "Every 90 days [1]."
    assert seen.candor["outcome"] == "answered"
    assert (seen.candor["answer_id"], seen.candor["chat_id"]) == ("ans_000001", "chat_000002")
    assert [source["number"] for source in seen.candor["sources"]] == [1]


async def test_an_address_leads_to_the_version_at_the_quoted_characters() -> None:
    seen = await received(answering("Passwords must be rotated every 90 days [1]."))
    (annotation,) = [a for delta in seen.deltas for a in delta.get("annotations", [])]
    assert annotation["type"] == "url_citation"
    assert annotation["url_citation"]["title"] == "policies/security.md — Passwords"
    (source,) = seen.candor["sources"]
    span = source["quotes"][0]["span"]
    assert annotation["url_citation"]["url"] == (
        "http://here/console/library/documents/doc_policies%2Fsecurity.md"
        f"?version={source['version_id']}&at={span['start']}-{span['end']}"
    )


THREE = [
    passage(text, number=number, name=f"{name}.md", section="")
    for number, (name, text) in enumerate(
        {
            "tea": "Tea is served at four.",
            "gates": "Gates close at nine.",
            "passwords": "Passwords rotate every 90 days.",
        }.items(),
        start=1,
    )
]


MANY = [
    passage(f"Gate {number} closes at nine.", number=number, name=f"{number}.md", section="")
    for number in range(1, 13)
]


async def test_the_number_of_a_marker_is_the_place_of_its_source_in_the_list() -> None:
    said = ("Gate 12 closes at nine [12]. ", "Gate 2 closes at nine [2", "]. `a[2]`")
    seen = await received(answering(*said), found=MANY)
    text = "Gate 12 closes at nine [1]. Gate 2 closes at nine [2]. `a[2]`"
    assert "".join(seen.pieces) == seen.candor["text"] == text
    assert seen.cited == ["[1]", "[2]"]
    documents = [one.partition("?")[0].rpartition("_")[2] for one in seen.addresses]
    assert documents == ["12.md", "2.md"]
    sources = seen.candor["sources"]
    assert [(one["number"], one["document"]) for one in sources] == [(1, "12.md"), (2, "2.md")]
    places = [one["quotes"][0]["sentence"] for one in sources]
    assert [text[one["start"] : one["end"]] for one in places] == [
        "Gate 12 closes at nine [1].",
        "Gate 2 closes at nine [2]. `a[2]`",
    ]


async def test_a_correction_counts_its_own_sources() -> None:
    said = ("Zebras gallop [1]. ", "Passwords rotate every 90 days [3].")
    seen = await received(answering(*said), found=THREE)
    assert "".join(seen.pieces) == (
        f"Zebras gallop [1]. Passwords rotate every 90 days [2].{WITHDRAWN}"
        "Zebras gallop. Passwords rotate every 90 days [1]."
    )
    assert seen.cited == ["[1]"]


@pytest.mark.parametrize(
    ("changed", "console", "address"),
    [
        ({}, True, "/console/library/documents/doc_7?version=3&at=812-851"),
        ({}, False, "/knowledge/documents/doc_7?include=text&version_id=3#char=812,851"),
        ({"quotes": ()}, True, "/console/library/documents/doc_7?version=3"),
        (
            {"quotes": (), "number": 3},
            False,
            "/knowledge/documents/doc_7?include=text&version_id=3#source=3",
        ),
        ({"sql": "SELECT 1"}, True, "/console/library/tables?sql=SELECT+1"),
        ({"document": SAID}, True, "/console/conversations/chat_1?at=msg_2"),
        ({"document": SAID}, False, "/api/conversations/chat_1#msg_2"),
    ],
)
def test_a_source_has_an_address_for_people(
    changed: dict[str, Any], console: bool, address: str
) -> None:
    source = replace(FULL.sources[0], **changed)
    assert source_link(source, "http://here", console=console) == f"http://here{address}"


def test_a_page_of_the_web_keeps_its_own_address() -> None:
    page = replace(FULL.sources[0].document, name="https://example.org/a")
    source = replace(FULL.sources[0], kind=SourceKind.WEB, document=page)
    assert source_link(source, "http://here", console=True) == "https://example.org/a"


async def test_places_count_an_emoji_as_one_character() -> None:
    seen = await received(answering("🔐🇨🇭 Passwords rotate every 90 days 🙂 [1]."))
    assert "".join(seen.pieces) == "🔐🇨🇭 Passwords rotate every 90 days 🙂 [1]."
    assert seen.cited == ["[1]"]


async def test_a_text_that_cites_nothing_is_withdrawn_unseen() -> None:
    seen = await received(answering("It is ", "common ", "knowledge."))
    assert seen.pieces == [NOT_FOUND]
    assert seen.candor["outcome"] == "not_found"
    assert seen.cited == []


async def test_a_citation_that_fails_is_followed_by_a_correction_that_says_so() -> None:
    seen = await received(answering("Zebras gallop [1]. ", "Every 90 days passwords rotate [1]."))
    first, *_ = "".join(seen.pieces).split(WITHDRAWN)
    assert first == "Zebras gallop [1]. Every 90 days passwords rotate [1]."
    assert "".join(seen.pieces).endswith(WITHDRAWN + seen.candor["text"])
    assert seen.candor["text"] == "Zebras gallop. Every 90 days passwords rotate [1]."
    assert seen.cited == ["[1]"]
    assert seen.is_done


async def test_two_parts_of_an_answer_are_paragraphs() -> None:
    seen = await received(saying(("Let me look. ", SEARCH), ("\nEvery 90 days", " [1]. ", "Yes.")))
    assert "".join(seen.pieces) == "Let me look.\n\nEvery 90 days [1]. Yes."
    assert seen.candor["text"] == "Let me look.\n\nEvery 90 days [1]. Yes."
    assert seen.cited == ["[1]"]


async def test_an_open_chat_streams_at_once_and_says_that_nothing_was_verified() -> None:
    seen = await received(answering("Call it ", "Sturmvogel."), mode=Mode.OPEN)
    text = "".join(seen.pieces)
    assert text.startswith("Call it Sturmvogel.\n\n*(unsourced: ")
    assert seen.candor["outcome"] == "unsourced"


async def test_an_answer_that_may_not_hold_says_so_in_its_text() -> None:
    seen = await received(answering("[tentative] Perhaps every 90 days [1]."))
    assert "".join(seen.pieces) == (
        "Perhaps every 90 days [1].\n\n"
        "*(This answer may not hold: check its sources before you rely on it.)*"
    )


async def test_the_usage_comes_last_where_it_is_asked_for() -> None:
    plain = await received(answering("Every 90 days [1]."))
    assert all("usage" not in one for one in plain.chunks)
    seen = await received(answering("Every 90 days [1]."), usage=True)
    assert seen.chunks[-1]["choices"] == []
    usage = seen.chunks[-1]["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0
    assert all(one["usage"] is None for one in seen.chunks[:-1])


async def test_what_a_content_filter_stops_is_declined() -> None:
    seen = await received(raising(ContentFilterError("no", body=JAILBREAK)))
    assert "".join(seen.pieces).startswith("I'm sorry, but I can't help with that.")
    assert seen.reasons == ["content_filter"]


async def test_an_error_ends_the_stream_without_done() -> None:
    seen = await received(raising(RateLimited("Too many at the provider."), "Every "))
    assert not seen.is_done
    assert seen.chunks[-1] == {
        "error": {
            "message": f"Too many at the provider. {RateLimited.default_hint}",
            "type": "rate_limit_error",
            "param": None,
            "code": "rate_limited",
        }
    }
    assert seen.pieces == []
