"""Share links: only known ones, rebuilt from their ids; what a provider answers is a conversation or an error."""

import json

import pytest

from services.web.guarded import GuardedRequests
from tests.use_cases.conversations.importers.test_share_pages import DATA, turbo
from use_cases.conversations.errors import (
    ProviderBlocked,
    SharedChatNotFound,
    ShareLinkUnsupported,
)
from use_cases.conversations.import_items import import_items
from use_cases.conversations.importers.share_pages import SharedPages, share_link
from use_cases.conversations.model import Fault, Imported
from use_cases.kernel.errors import AddressRefused, UpstreamFailed
from use_cases.kernel.ports import WebAnswer

pytestmark = pytest.mark.anyio

ID = "0a1b2c3d-0000-4000-8000-00000000000f"
HEX = "0123456789abcdef01234567"


class Answers:
    """Port `GuardedWeb`: it says these things, one after the other, and notes what was asked for."""

    def __init__(self, *bodies: str, status: int = 200) -> None:
        self._left = [WebAnswer(status, "application/json", body.encode()) for body in bodies]
        self.asked: list[str] = []

    async def get(self, url: str) -> WebAnswer:
        self.asked.append(url)
        return self._left.pop(0)

    async def post_json(self, url: str, body: bytes) -> WebAnswer:
        raise AssertionError(f"nothing is posted to {url}: {body!r}")


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (f"https://chatgpt.com/share/{ID}", f"https://chatgpt.com/share/{ID}"),
        (f" https://chat.openai.com/share/{ID}\n", f"https://chatgpt.com/share/{ID}"),
        (f"https://chatgpt.com/share/e/{ID}", f"https://chatgpt.com/share/e/{ID}"),
        ("https://chatgpt.com/s/m_68a", "https://chatgpt.com/s/m_68a"),
        (f"https://claude.ai/share/{ID}", f"https://claude.ai/share/{ID}"),
        (f"https://grok.com/share/{ID}", f"https://grok.com/share/{ID}"),
        (f"https://grok.com/share/bGVnYWN5_{ID}", f"https://grok.com/share/bGVnYWN5_{ID}"),
        (
            f"https://grok.com/share/c2hhcmQtMg==_{ID}",
            f"https://grok.com/share/c2hhcmQtMg%3D%3D_{ID}",
        ),
        (
            f"https://v2.branchprompt.com/conversation/{HEX}",
            f"https://v2.branchprompt.com/conversation/{HEX}",
        ),
        (
            f"https://chatgpt.com/share/{ID}?next=http://127.0.0.1",
            f"https://chatgpt.com/share/{ID}",
        ),
        (f"https://chatgpt.com/share/{ID}#@127.0.0.1", f"https://chatgpt.com/share/{ID}"),
        (f"https://chatgpt.com/share/{ID}/?utm_source=x#top", f"https://chatgpt.com/share/{ID}"),
        (f"HTTPS://WWW.ChatGPT.com/share/{ID.upper()}/", f"https://chatgpt.com/share/{ID}"),
        ("https://chatgpt.com/s/M_68a?x", "https://chatgpt.com/s/M_68a"),
        (f"https://www.claude.ai/share/{ID.upper()}", f"https://claude.ai/share/{ID}"),
        (
            f"https://www.grok.com/share/bGVnYWN5_{ID.upper()}?rid=1",
            f"https://grok.com/share/bGVnYWN5_{ID}",
        ),
        ("https://x.com/i/grok/share/0iFSdGEY0wDt?s=20", "https://x.com/i/grok/share/0iFSdGEY0wDt"),
        (
            "https://Twitter.com/i/grok/share/0iFSdGEY0wDt/",
            "https://x.com/i/grok/share/0iFSdGEY0wDt",
        ),
        (
            f"https://v2.branchprompt.com/conversation/{HEX.upper()}/",
            f"https://v2.branchprompt.com/conversation/{HEX}",
        ),
    ],
)
def test_known_links_are_built_anew(address: str, url: str) -> None:
    assert share_link(address).url == url


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        f"http://chatgpt.com/share/{ID}",
        f"https://chatgpt.com:8443/share/{ID}",
        f"https://user@chatgpt.com/share/{ID}",
        f"https://chatgpt.com@127.0.0.1/share/{ID}",
        f"https://chatgpt.com.evil.example/share/{ID}",
        f"https://evil.example/share/{ID}",
        f"https://evilchatgpt.com/share/{ID}",
        f"https://chatgpt.com/share/{ID}/../../api",
        f"https://chatgpt.com/share/{ID}//",
        f"https://chatgpt.com?/share/{ID}",
        f"https://chatgpt.com#/share/{ID}",
        f"https://gro\u212a.com/share/{ID}",
        f"https://www.www.claude.ai/share/{ID}",
        "https://x.com/i/grok/share/../../x",
        f"https://claude.ai/share/{ID}%2f..",
        "https://claude.ai/share/../api/organizations",
        f"https://grok.com/share/..%2f{ID}",
        *(
            f"https://{host}/share/{ID}"
            for host in (
                *("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"),
                *("169.254.169.254", "[fe80::1]", "100.64.0.1", "224.0.0.1", "[64:ff9b::7f00:1]"),
                *(
                    "[2002:7f00:1::]",
                    "chatgpt。com",
                    "chatgpt.com.",
                    "CHATGPT.COM\u2024evil.example",
                ),
            )
        ),
    ],
)
def test_every_other_address_is_refused(address: str) -> None:
    with pytest.raises(ShareLinkUnsupported):
        share_link(address)


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("https://gemini.google.com/share/0123abcd", "Gemini"),
        ("https://g.co/gemini/share/0123abcd", "Gemini"),
        ("https://poe.com/s/abc?x=1", "Poe"),
    ],
)
def test_a_link_of_another_assistant_is_refused_by_its_name(address: str, whose: str) -> None:
    with pytest.raises(ShareLinkUnsupported, match=whose) as refused:
        share_link(address)
    assert "import-conversations.md" in refused.value.hint


CLAUDE = {
    "uuid": ID,
    "snapshot_name": "Tea",
    "chat_messages": [{"uuid": "1", "sender": "human", "text": "Which tea?", "index": 0}],
}
GROK = {
    "conversation": {"conversationId": "g1", "title": "Tea"},
    "responses": [{"responseId": "1", "message": "Which tea?", "sender": "human"}],
}


@pytest.mark.parametrize(
    ("address", "body", "asked", "source"),
    [
        (
            f"https://chatgpt.com/share/{ID}",
            turbo(DATA),
            f"https://chatgpt.com/share/{ID}",
            "chatgpt",
        ),
        (
            f"https://claude.ai/share/{ID}",
            json.dumps(CLAUDE),
            f"https://claude.ai/api/chat_snapshots/{ID}?rendering_mode=messages&render_all_tools=true",
            "claude",
        ),
        (
            f"https://grok.com/share/{ID}",
            json.dumps(GROK),
            f"https://grok.com/rest/app-chat/share_links/{ID}",
            "grok",
        ),
    ],
    ids=["chatgpt", "claude", "grok"],
)
async def test_a_page_becomes_its_conversation(
    address: str, body: str, asked: str, source: str
) -> None:
    web = Answers(body)
    (item,) = await SharedPages(share_web=web).items(share_link(address))
    (step,) = import_items([item])
    assert isinstance(step, Imported), step
    assert step.conversation.source == source
    assert web.asked == [asked]


async def test_branchprompt_answers_twice() -> None:
    said = [{"role": "user", "content": "Which?", "files": [{"content": "green"}]}]
    web = Answers(json.dumps({"title": "Tea"}), json.dumps(said))
    link = share_link(f"https://v2.branchprompt.com/conversation/{HEX}")
    (step,) = import_items(await SharedPages(share_web=web).items(link))
    assert isinstance(step, Imported), step
    assert (step.conversation.source, step.conversation.source_id) == ("branchprompt", HEX)
    assert (step.conversation.title, len(step.conversation.messages)) == ("Tea", 1)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, "<title>Just a moment...</title>", ProviderBlocked),
        (429, "{}", ProviderBlocked),
        (404, "{}", SharedChatNotFound),
        (302, "", UpstreamFailed),
        (500, "", UpstreamFailed),
        (200, "neither", UpstreamFailed),
        (200, "[" * 200_000, UpstreamFailed),
    ],
    ids=["challenge", "limit", "gone", "redirect", "fault", "no JSON", "deep"],
)
async def test_other_answers_are_errors(status: int, body: str, expected: type[Exception]) -> None:
    pages = SharedPages(share_web=Answers(body, status=status))
    with pytest.raises(expected):
        await pages.items(share_link(f"https://claude.ai/share/{ID}"))


async def test_a_known_host_that_resolves_to_a_closed_network_is_refused() -> None:
    async def resolve(host: str, _port: int) -> list[str]:
        assert host == "claude.ai"
        return ["93.184.215.14", "::ffff:127.0.0.1"]

    web = GuardedRequests(seconds=5.0, resolve=resolve)
    with pytest.raises(AddressRefused):
        await SharedPages(share_web=web).items(share_link(f"https://claude.ai/share/{ID}"))
    await web.close()


async def test_a_challenge_that_says_200_is_a_fault_of_the_item() -> None:
    pages = SharedPages(share_web=Answers("<title>Just a moment...</title>"))
    (step,) = import_items(await pages.items(share_link(f"https://claude.ai/share/{ID}")))
    assert isinstance(step, Fault)
    assert isinstance(step.error, ProviderBlocked)
