"""Files made to cost their reader much more than their size, and a large honest one."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document

_BODY = b"<w:body>"


def nested_elements(count: int = 70_400) -> bytes:
    """HTML of elements in elements (352 kB)."""
    return b"<div>" * count + b"text"


def many_attributes(count: int = 400_000) -> bytes:
    """HTML of one tag (3.5 MB)."""
    return b"<p " + b" ".join(b"a%d=1" % number for number in range(count)) + b">text"


def hidden_elements(count: int = 70_400) -> bytes:
    """HTML of elements in elements that its tags do not show (422 kB)."""
    return b"<svg><foreignObject>" + b"<div/>" * count + b"text"


def endless_page() -> bytes:
    """HTML that takes its parser some ten seconds, for its length makes that no sign of hostility (10 MB)."""
    return hidden_elements() + b" " * 10_000_000


def nested_tables(count: int = 20_000) -> bytes:
    """HTML of tables in tables (300 kB)."""
    return b"<table><tr><td>" * count + b"text"


def long_table(count: int = 2_500_000) -> bytes:
    """CSV with many more rows than a table may have (20 MB)."""
    return b"a,b,c,d\n" * count


def wide_line(count: int = 20_000_000) -> bytes:
    """CSV of one line of empty cells (20 MB)."""
    return b"," * count


def many_paragraphs(count: int = 1_000_000, paragraph: bytes = b"<w:p/>") -> bytes:
    """DOCX, compressed well (45 kB, 6 MB of XML)."""
    whole = BytesIO()
    Document().save(whole)
    made = BytesIO()
    with ZipFile(whole) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                start = content.index(_BODY) + len(_BODY)
                content = content[:start] + paragraph * count + b"</w:body></w:document>"
            target.writestr(name, content)
    return made.getvalue()


def spanning_cell(columns: int = 300_000_000) -> bytes:
    """DOCX with a cell that says it spans this many columns (37 kB)."""
    cell = b'<w:tc><w:tcPr><w:gridSpan w:val="%d"/></w:tcPr><w:p/></w:tc>' % columns
    return many_paragraphs(1, b"<w:tbl><w:tblGrid/><w:tr>" + cell + b"</w:tr></w:tbl>")


def honest_page(count: int = 15_000) -> bytes:
    """HTML as people write it (1.6 MB)."""
    part = b"<div class=x><h2>Title %d</h2><p>Some <b>words</b> and <a href=y>links</a><ul><li>one<li>two</ul></div>\n"
    return b"<html><body>" + b"".join(part % number for number in range(count))


def honest_table(count: int = 90_000) -> bytes:
    """CSV of half as many rows as a table may have (4 MB)."""
    return b"a,b,c,d,e,f,g,h,i,j\n" + b"1,2.5,hello,2026-01-01,yes,7%,text,more,3,x\n" * count


def hostile_files() -> Mapping[str, bytes]:
    """All of the hostile ones, by the name to send them under."""
    return {
        "nested.html": nested_elements(),
        "attributes.html": many_attributes(),
        "hidden.html": hidden_elements(),
        "tables.html": nested_tables(),
        "long.csv": long_table(),
        "wide.csv": wide_line(),
        "paragraphs.docx": many_paragraphs(),
        "spanning.docx": spanning_cell(),
    }


def honest_files() -> Mapping[str, bytes]:
    """Large ones that are read and stored."""
    return {"page.html": honest_page(), "table.csv": honest_table()}
