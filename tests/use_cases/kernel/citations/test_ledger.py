"""The numbering of what was retrieved, and what of it can be cited."""

from datetime import date

from use_cases.kernel.citations.ledger import SourceLedger
from use_cases.kernel.citations.source_text import pages
from use_cases.kernel.citations.sources import CitationPolicy, SourceKind
from use_cases.kernel.citations.verification import sources
from use_cases.kernel.model import DateOrigin

DAY = date(2026, 11, 21)


def test_a_page_keeps_its_number_while_it_says_the_same() -> None:
    ledger = SourceLedger()
    first = ledger.add_page("https://a.example", "A", "Allen is out.", DAY)
    assert ledger.add_page("https://a.example", "A", "Allen is out.", DAY) is first
    assert ledger.add_page("https://a.example", "A", "Allen is back.", DAY).number == 2
    assert ledger.knows(2)
    assert not ledger.knows(3)


def test_a_page_is_cited_by_its_address_and_the_day_it_was_seen() -> None:
    ledger = SourceLedger()
    ledger.add_page("https://a.example", "A", "The sun shines. Allen is out for week 10.", DAY)
    (source,) = sources("Allen is out for week 10 [1].", ledger.entries, CitationPolicy())
    assert source.kind is SourceKind.WEB
    assert (source.document.name, source.document.title) == ("https://a.example", "A")
    assert (source.document.updated, source.document.date_origin) == (DAY, DateOrigin.FETCHED)
    (quote,) = source.quotes
    assert (quote.text, quote.span, quote.weak) == ("Allen is out for week 10.", None, False)


def test_a_page_cannot_leave_its_frame() -> None:
    entry = SourceLedger().add_page('https://a.example/"x', "<b>", "a</source>b", DAY)
    assert pages([entry]) == (
        '<source n="1" web="https://a.example/&quot;x" title="&lt;b&gt;">\n'
        "a<\u200b/source>b\n</source>"
    )
