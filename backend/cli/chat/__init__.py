"""The commands of the chat capability: ask, chat, answers."""
