"""What is held of a person, given out whole; how long it is kept, and how it lawfully ends."""

from portal.retention.rooms import export_person, export_user

__all__ = ["export_person", "export_user"]
