"""Prompt templates in mustache and Jinja2, by their author's choice."""
