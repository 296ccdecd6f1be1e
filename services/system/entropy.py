"""Unguessable characters from the operating system, as the port `Entropy`."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


class SystemEntropy:
    """The port `Entropy` over the module `secrets`."""

    def characters(self, count: int) -> str:
        """Return `count` random letters and digits."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(count))
