"""For whom a person acts: every institution with the roles there, and the switch between them."""

from portal.access import labels
from portal.access.queries import list_acting
from portal.access.views.blueprint import blueprint
from portal.errors import NotFound
from portal.web import actor, page, session, signed_in


@blueprint.get("/me/acting")
@signed_in
def acting() -> str:
    """Show the institutions for which one acts now, will act and acted."""
    user_id = actor().user_id
    if user_id is None:
        raise NotFound
    return page("access/acting.html", places=list_acting(session(), user_id), labels=labels)
