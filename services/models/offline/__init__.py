"""The offline answerer: exact sentences from the best passages, cited, or an honest "not found"."""
