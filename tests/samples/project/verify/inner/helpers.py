"""Helpers: no claim of their own."""
