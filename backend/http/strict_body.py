"""The body of a request whose fields are all known: a misspelt one would otherwise go unnoticed."""

from pydantic import BaseModel, ConfigDict


class StrictBody(BaseModel):
    """A body that holds no other fields than its own."""

    model_config = ConfigDict(extra="forbid")
