"""Articula: the portal with which the agencies of one place protect the same children."""

__version__ = "1.0.0"
