"""The factory: one short function per concern, in order."""
