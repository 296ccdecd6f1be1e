"""The tokens of a text as FTS5 makes them, so that both databases speak one language. Pure."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

import apsw

STEMMED = ("porter", "unicode61", "remove_diacritics", "2")
"""The tokenizer of the full text, with its arguments."""
WRITTEN = STEMMED[1:]
"""The tokenizer that leaves words as they are written."""


def tokens(text: str, tokenizer: tuple[str, ...] = STEMMED) -> list[str]:
    """Returns the tokens of a text, in its order."""
    with _lock:
        return _tokenizer(tokenizer)(
            text.encode(),
            apsw.FTS5_TOKENIZE_DOCUMENT,
            None,
            include_offsets=False,
            include_colocated=False,
        )


class _Tokenizer(Protocol):
    def __call__(
        self,
        utf8: bytes,
        flags: int,
        locale: str | None,
        *,
        include_offsets: bool,
        include_colocated: bool,
    ) -> list[str]: ...


_lock = threading.Lock()


@lru_cache
def _tokenizer(tokenizer: Sequence[str]) -> _Tokenizer:
    made = apsw.Connection(":memory:").fts5_tokenizer(tokenizer[0], list(tokenizer[1:]))
    return cast("_Tokenizer", made)
