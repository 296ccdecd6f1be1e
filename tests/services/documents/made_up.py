"""Files for reader tests, made on the spot."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from pypdf import PdfReader, PdfWriter

Line = tuple[str, int]
"""Words and their size in points."""


def pdf(pages: Sequence[Sequence[Line]], *, title: str = "", changed: str = "") -> bytes:
    """A PDF with these lines on its pages, written out by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]  # fmt: skip
    kids: list[str] = []
    for lines in pages:
        place, drawn = 800, list[str]()
        for words, size in lines:
            drawn.append(f"BT /F1 {size} Tf 50 {place} Td ({words}) Tj ET")
            place -= size + 4
        stream = "\n".join(drawn)
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) /ModDate ({changed}) >>")
    return _numbered(objects)


def protected(content: bytes, password: str) -> bytes:
    """The same PDF under a password (an empty one opens without asking)."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(user_password=password, owner_password="owner")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    """A Word file with a title, headings, a list, a table and a quotation of code."""
    document = Document()
    document.core_properties.title = "Leave policy"
    document.core_properties.modified = datetime(2026, 3, 4, tzinfo=UTC)
    document.add_heading("Leave policy", level=1)
    document.add_paragraph("Everybody has 28 days.")
    document.add_heading("Asking", level=2)
    document.add_paragraph("Ask early.", style="List Bullet")
    document.add_paragraph("Ask in the portal.", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ["Years", "Days", "0 to 5", "28"], strict=True):  # pyright: ignore[reportPrivateUsage]
        cell.text = words
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _numbered(objects: Sequence[str]) -> bytes:
    body, places = "%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R /Info {len(objects)} 0 R >>\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    ).encode("latin-1")
