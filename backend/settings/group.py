"""The base of every group of settings.

A field's docstring is its description. It is read from the source by the pages made from it alone
(`backend/reference/reference_pages.py`): reading it at each start took as long as making the fields.
"""

import re
from typing import Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1024 * 1024


class SettingGroup(BaseSettings):
    """Some fields of the settings under one heading; their docstrings are their descriptions."""

    # Built as a part of `Settings` alone.
    model_config = SettingsConfigDict(defer_build=True)

    heading: ClassVar[str]
    """The heading of the group in the reference and in `.env.example`."""


def _web_address(value: str | None) -> str | None:
    """Returns the address as it is. A missing scheme would fail only at the first request."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value


WebAddress: TypeAlias = Annotated[str | None, AfterValidator(_web_address)]
"""An address with http:// or https://, or none."""


def _key(value: SecretStr | None) -> SecretStr | None:
    """Returns the key as it is. What no header carries would fail only at the first request."""
    if value is not None and not re.fullmatch(r"[!-~]*", value.get_secret_value()):
        raise ValueError(
            "has a character that no key has, such as a space or the … of a shortened one"
        )
    return value


Key: TypeAlias = Annotated[SecretStr | None, AfterValidator(_key)]
"""A key that is sent in a header, or none."""


def _uppercase(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


UPPERCASE = BeforeValidator(_uppercase)
"""`info` is as good as `INFO`."""


def _separated(value: object) -> object:
    """`a, b/` in a variable is a list of two names. A browser names an origin without a slash."""
    if isinstance(value, str):
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
    return value


Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_separated)]
"""Names of hosts or origins, separated by commas."""
