"""The text of attached files, as port `FileTexts`: a PDF in a process of its own, text as it is."""

from asyncio import to_thread
from typing import BinaryIO

from services.documents.decoding import decode
from services.documents.reader import DocumentReader
from use_cases.conversations.model import PDF_MEDIA_TYPE


class ReadFileTexts:
    """Texts by the readers of documents."""

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    async def text(self, media_type: str, content: BinaryIO) -> str:
        """The text of a file. Raises the errors of `DocumentReader.parse`."""
        whole = await to_thread(_whole, content)
        if media_type == PDF_MEDIA_TYPE:
            return (await self._reader.parse("attachment.pdf", whole)).text
        return await to_thread(decode, whole)


def _whole(content: BinaryIO) -> bytes:
    content.seek(0)
    return content.read()
