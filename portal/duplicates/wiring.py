"""The work that registering a person asks for: looking for whoever else knows it."""

from portal import events
from portal.duplicates.finding import match_person
from portal.people.services import MATCH


def register() -> None:
    """Look for duplicates after every registration."""
    events.job(MATCH, match_person, waits=True)
