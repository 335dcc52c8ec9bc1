"""What is held of a person, given out whole; how long it is kept, and how it lawfully ends."""

from portal.retention.erasing import erase_again
from portal.retention.rooms import export_person, export_user

__all__ = ["erase_again", "export_person", "export_user"]
