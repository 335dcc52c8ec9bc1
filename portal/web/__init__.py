"""Requests: who is there, what may be opened, forms that lose nothing, pages that leak nothing.

Views (and modules, through `portal.sdk`) import from here and from nowhere deeper.
"""

from portal.web.access import (
    answers_early,
    ending,
    fresh,
    half_way,
    on_shared_desks,
    open_to_all,
    requires,
    signed_in,
    takes_files,
)
from portal.web.forms import Form, Question
from portal.web.guard import require_proof
from portal.web.render import page, see_other
from portal.web.request import actor, portal, session, settings, write_first, writing
from portal.web.uploads import taken

__all__ = [
    "Form",
    "Question",
    "actor",
    "answers_early",
    "ending",
    "fresh",
    "half_way",
    "on_shared_desks",
    "open_to_all",
    "page",
    "portal",
    "require_proof",
    "requires",
    "see_other",
    "session",
    "settings",
    "signed_in",
    "taken",
    "takes_files",
    "write_first",
    "writing",
]
