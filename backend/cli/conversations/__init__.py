"""The commands of conversations: chats of other assistants."""
