"""Generator of docs/reference and .env.example from the code: `python -m backend.reference
[--check]`.

Generated files cannot go out of date: a test compares the committed files with these.
"""
