"""Text as every database we use can hold it.

PostgreSQL refuses the character NUL, and UTF-8 has no form for half of a surrogate pair; both
reach us in what models and files produce. An answer must not be lost over one of them.
"""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with each NUL and each lone surrogate replaced by U+FFFD.

    One character for one, so that offsets into the text keep their meaning.
    """
    return _UNSTORABLE.sub("\ufffd", text)
