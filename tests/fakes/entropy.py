"""Chance that a test can foresee."""

import string

_ALPHABET = string.ascii_letters + string.digits


class CountedEntropy:
    """Port `Entropy`: `aaaa`, `bbbb`, `cccc`, …"""

    def __init__(self) -> None:
        self._count = -1

    def characters(self, count: int) -> str:
        """The next character, so many times."""
        self._count += 1
        return _ALPHABET[self._count % len(_ALPHABET)] * count
