"""The settings of conversations: imports, files, projects, summaries and memories."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from backend.settings.group import SettingGroup, WebAddress


class ImportSettings(SettingGroup):
    """Imports of conversations."""

    heading: ClassVar[str] = "Imports of conversations"

    max_import_mb: ClassVar[float] = 250.0
    """Largest file of conversations that is imported over HTTP, in MiB. No setting: larger exports are imported on the command line."""


class AttachmentSettings(SettingGroup):
    """Files of conversations."""

    heading: ClassVar[str] = "Files of conversations"

    max_attachment_mb: ClassVar[float] = 10.0
    """Largest file that can be attached to a conversation, in MiB. No setting: a file beside a conversation is a text or a picture."""
    aws_s3_bucket_name: str | None = Field(default=None, min_length=1)
    """Bucket for attached files. Unset: the folder `files` in DATA_DIR."""
    aws_access_key_id: SecretStr | None = None
    """Account that may read, write and delete in that bucket."""
    aws_secret_access_key: SecretStr | None = None
    """Its secret."""
    aws_region: str = Field(default="us-east-1", min_length=1)
    """Region of the bucket."""
    aws_endpoint_url: WebAddress = None
    """Address of another store that speaks S3, such as `http://localhost:9000`. Unset: AWS."""

    @model_validator(mode="after")
    def _account_for_the_bucket(self) -> Self:
        if self.aws_s3_bucket_name and not (self.aws_access_key_id and self.aws_secret_access_key):
            raise ValueError(
                "AWS_S3_BUCKET_NAME needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as well"
            )
        return self


class LinearSettings(SettingGroup):
    """Projects that are created at Linear."""

    heading: ClassVar[str] = "Projects at Linear"

    linear_access_key: SecretStr | None = None
    """Personal API key of Linear, with which projects are created there. Unset: a project is recorded on this installation alone."""
    linear_team_key: str | None = Field(default=None, min_length=1, max_length=50)
    """Key of the team that gets the projects: the letters before the numbers of its issues, such as `ENG`. Unset: the only team that the access key sees."""
    linear_api_url: ClassVar[str] = "https://api.linear.app/graphql"
    """Address of Linear's API. No setting: Linear has one address."""


class SummarySettings(SettingGroup):
    """Summaries and memories of conversations."""

    heading: ClassVar[str] = "Summaries and memories of conversations"

    metacognition_api_url: WebAddress = None
    """Address of a service that summarises conversations. Unset: the model of the purpose `conversation_summary`, or without a key the conversation's own sentences."""
    metacognition_auth_token: SecretStr | None = None
    """Its token."""
    mem0_api_url: WebAddress = None
    """Address of a mem0 server that remembers what a person said, such as `https://api.mem0.ai/v3/memories` or `http://localhost:8888`. Unset: the summaries of the person's conversations."""
    mem0_api_key: SecretStr | None = None
    """Its key."""
    mem0_user_id: str | None = Field(default=None, min_length=1)
    """User whose memories are searched there, for all people. Unset: each person's own id."""

    @model_validator(mode="after")
    def _token_for_the_summariser(self) -> Self:
        if self.metacognition_api_url and not self.metacognition_auth_token:
            raise ValueError("METACOGNITION_API_URL needs METACOGNITION_AUTH_TOKEN as well")
        return self
