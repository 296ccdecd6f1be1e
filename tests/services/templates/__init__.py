"""Tests: templates in mustache and Jinja2."""
