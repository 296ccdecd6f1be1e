"""Unguessable characters from the operating system, as the port `Entropy`."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


class SystemEntropy:
    """Port `Entropy`."""

    def characters(self, count: int) -> str:
        """So many letters and digits, drawn by `secrets`."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(count))
