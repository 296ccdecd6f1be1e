"""Project drafts: a conversation becomes a project, in versions, by hand or in a chat about it."""
