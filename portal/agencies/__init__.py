"""Agencies: the institutions at the table, their units, territory and accreditation."""
