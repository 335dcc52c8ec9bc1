"""Mis pendientes: what needs the actor now, from every context and module."""
