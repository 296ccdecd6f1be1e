"""Conversations: chats from other assistants, brought here with all they hold."""
