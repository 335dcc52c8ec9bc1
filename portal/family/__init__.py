"""The family of a case: relatives, household and carers of its children, drawn and listed."""
