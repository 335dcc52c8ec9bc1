"""Told once: who heard a child, when, on what, where the report is and who may ask for it."""
