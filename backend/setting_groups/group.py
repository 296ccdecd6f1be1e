"""What every group of settings shares."""

from typing import ClassVar

from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1024 * 1024


class SettingGroup(BaseSettings):
    """Some fields of the settings under one heading; their docstrings are their descriptions."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    heading: ClassVar[str]
    """The heading of the group in the reference and in `.env.example`."""


def web_address(value: str | None) -> str | None:
    """The address as it is. Raises `ValueError` for one without http:// or https://."""
    if value is not None and not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return value
