"""Linear: a group of settings."""

from typing import ClassVar

from pydantic import Field, SecretStr

from backend.settings.group import SettingGroup


class LinearSettings(SettingGroup):
    """Projects that are created at Linear."""

    heading: ClassVar[str] = "Projects at Linear"

    linear_access_key: SecretStr | None = None
    """Personal API key of Linear, with which projects are created there. Unset: a project is recorded on this installation alone."""
    linear_team_key: str | None = Field(default=None, min_length=1, max_length=50)
    """Key of the team that gets the projects: the letters before the numbers of its issues, such as `ENG`. Unset: the only team that the access key sees."""
    linear_api_url: ClassVar[str] = "https://api.linear.app/graphql"
    """Address of Linear's API. No setting: Linear has one address."""
