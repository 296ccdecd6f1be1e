"""The use cases of identity: API keys, and who asks."""

from functools import cached_property
from typing import TYPE_CHECKING

from backend.composition.ports import Parts

if TYPE_CHECKING:
    # Only named: a command pays for importing what it uses, at its first use.
    from use_cases.kernel.identity.api_key import ApiKeys
    from use_cases.kernel.identity.authentication import IdentifyCaller, KeepLastUses
    from use_cases.kernel.identity.manage_keys import (
        CreateApiKey,
        ListApiKeys,
        RevokeApiKey,
        ShowKeyUse,
    )


class IdentityParts(Parts):
    """Make, list and revoke keys, and tell callers by them."""

    @cached_property
    def create_key(self) -> "CreateApiKey":
        """Make an API key."""
        from use_cases.kernel.identity.manage_keys import CreateApiKey

        return CreateApiKey(
            keys=self._keys,
            clock=self.clock,
            ids=self._ports.ids(),
            entropy=self._ports.entropy(),
        )

    @cached_property
    def list_keys(self) -> "ListApiKeys":
        """List the API keys."""
        from use_cases.kernel.identity.manage_keys import ListApiKeys

        return ListApiKeys(keys=self._keys)

    @cached_property
    def show_key_use(self) -> "ShowKeyUse":
        """Show what keys have used today."""
        from use_cases.kernel.identity.manage_keys import ShowKeyUse

        return ShowKeyUse(admissions=self.admissions, clock=self.clock)

    @cached_property
    def revoke_key(self) -> "RevokeApiKey":
        """End an API key."""
        from use_cases.kernel.identity.manage_keys import RevokeApiKey

        return RevokeApiKey(keys=self._keys, clock=self.clock)

    @cached_property
    def identify(self) -> "IdentifyCaller":
        """Tell who asks."""
        from use_cases.kernel.identity.authentication import IdentifyCaller

        return IdentifyCaller(keys=self._keys, clock=self.clock)

    @cached_property
    def last_uses(self) -> "KeepLastUses":
        """Keep when keys were last used."""
        from use_cases.kernel.identity.authentication import KeepLastUses

        return KeepLastUses(keys=self._keys)

    @cached_property
    def _keys(self) -> "ApiKeys":
        return self._ports.api_keys()
