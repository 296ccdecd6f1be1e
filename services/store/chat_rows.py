"""Rows of `conversations` and `messages` as chats and messages, and back."""

from collections.abc import Mapping

from sqlalchemy import RowMapping

from services.store.answer_rows import answer_of
from services.store.parts_codec import decode_parts, encode_parts
from services.store.schema import answers, conversations, messages
from use_cases.chat.model import Chat, Message, Role
from use_cases.kernel.errors import StorageDamaged


def chat_of(row: RowMapping) -> Chat:
    """The chat in a row that holds all columns of `conversations`."""
    column = conversations.c
    return Chat(
        chat_id=row[column.chat_id],
        user_id=row[column.user_id],
        title=row[column.title],
        created_at=row[column.created_at],
        updated_at=row[column.updated_at],
        client_id=row[column.client_id],
    )


def message_of(row: RowMapping) -> Message:
    """The message in a row that holds all columns of `messages`, and of `answers` where it has one.

    Raises `StorageDamaged`.
    """
    column = messages.c
    answer = row.get(answers.c.answer_id)
    try:
        return Message(
            message_id=row[column.message_id],
            chat_id=row[column.chat_id],
            parent_id=row[column.parent_id],
            role=Role(row[column.role]),
            text=row[column.text],
            created_at=row[column.created_at],
            parts=decode_parts(row[column.parts]),
            client_id=row[column.client_id],
            answer=None if answer is None else answer_of(row),
        )
    except ValueError as error:
        name = row[column.message_id]
        raise StorageDamaged(f"The message {name!r} cannot be read.") from error


def chat_values(chat: Chat) -> Mapping[str, object]:
    """The row of a chat, by column."""
    return {
        "chat_id": chat.chat_id,
        "user_id": chat.user_id,
        "client_id": chat.client_id,
        "title": chat.title,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
    }


def message_values(message: Message, model_messages: str | None = None) -> Mapping[str, object]:
    """The row of a message, by column."""
    return {
        "message_id": message.message_id,
        "chat_id": message.chat_id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "client_id": message.client_id,
        "text": message.text,
        "parts": encode_parts(message.parts),
        "model_messages": model_messages,
        "created_at": message.created_at,
    }
