"""Official systems: the codes of a case and its children there, and sheets to copy by hand."""
