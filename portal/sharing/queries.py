"""What the home page shows of who sees a case."""

from sqlmodel import Session

from portal.actor import Actor
from portal.host.slots import HomeItem
from portal.sharing.reviews import review_lines


def home_items(session: Session, actor: Actor, limit: int) -> list[HomeItem]:
    """Return the reviews of emergency access that wait for the actor."""
    return review_lines(session, actor, limit)
