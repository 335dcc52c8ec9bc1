"""Documents of cases and of what is done on them: filed, checked, encrypted, shown."""
