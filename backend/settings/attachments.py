"""Attached files: a group of settings."""

from typing import ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from backend.settings.group import SettingGroup, web_address


class AttachmentSettings(SettingGroup):
    """Files of conversations."""

    heading: ClassVar[str] = "Files of conversations"

    max_attachment_mb: ClassVar[float] = 10.0
    """Largest file that can be attached to a conversation, in MiB. No setting: a file beside a conversation is a text or a picture."""
    file_link_seconds: ClassVar[int] = 3600
    """Seconds for which a link to an attached file can be used by everyone who has it; a week at most. No setting: an hour is enough to open a file, and short enough for a link that leaked."""
    aws_s3_bucket_name: str | None = Field(default=None, min_length=1)
    """Bucket for attached files. Unset: the folder `files` in DATA_DIR."""
    aws_access_key_id: SecretStr | None = None
    """Account that may read, write and delete in that bucket."""
    aws_secret_access_key: SecretStr | None = None
    """Its secret."""
    aws_region: str = Field(default="us-east-1", min_length=1)
    """Region of the bucket."""
    aws_endpoint_url: str | None = None
    """Address of another store that speaks S3, such as `http://localhost:9000`. Unset: AWS."""

    _is_an_address = field_validator("aws_endpoint_url")(web_address)

    @model_validator(mode="after")
    def _account_for_the_bucket(self) -> Self:
        if self.aws_s3_bucket_name and not (self.aws_access_key_id and self.aws_secret_access_key):
            raise ValueError(
                "AWS_S3_BUCKET_NAME needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY as well"
            )
        return self
