"""People: children and the adults around them, known wholly or in part."""
