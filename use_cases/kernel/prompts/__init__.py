"""The registry of prompts and of default models by purpose."""
