"""Departments, provinces and districts of Peru by INEI UBIGEO."""
