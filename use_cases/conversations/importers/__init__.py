"""Importers: one module for each family of formats, from JSON values to drafts."""
