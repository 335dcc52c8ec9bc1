"""Everything of the portal that a plugin may import, and nothing else: the public interface.

What is not named here is not part of it and may change without notice. A change here fails a test
until CHANGELOG.md says so. Services take the session, then the actor; they flush and never commit.
"""

from portal import clock
from portal.actor import Actor, AgencyKind, Role, system_actor
from portal.audit import note_read, record
from portal.db import Identified, Versioned, enum_column, new_id, paging, rows
from portal.deadlines import CalendarKind, DeadlineRule, Extension, Need, Reading, Unit
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.events import Event
from portal.host.events import ModuleSwitchedOff, ModuleSwitchedOn
from portal.host.lookups import AgencyView, get_agency, list_agencies, seal, unseal
from portal.host.plugin import Plugin, hookimpl
from portal.host.queries import settings_of
from portal.host.slots import (
    AgencyRef,
    BriefLine,
    CaseAction,
    CaseRef,
    CaseView,
    ChildView,
    Erased,
    ErasurePlan,
    HomeGroup,
    HomeItem,
    NavEntry,
    Objection,
    Panel,
    PersonExport,
    Subject,
    TableCircle,
    Tone,
    Transition,
    World,
)
from portal.texts import _, _l, _n, msgid
from portal.web import Form, actor, page, requires, see_other, session, writing

__all__ = [
    "Actor",
    "AgencyKind",
    "AgencyRef",
    "AgencyView",
    "BriefLine",
    "CalendarKind",
    "CaseAction",
    "CaseRef",
    "CaseView",
    "ChildView",
    "Conflict",
    "DeadlineRule",
    "Erased",
    "ErasurePlan",
    "Event",
    "Extension",
    "Forbidden",
    "Form",
    "HomeGroup",
    "HomeItem",
    "Identified",
    "Invalid",
    "ModuleSwitchedOff",
    "ModuleSwitchedOn",
    "NavEntry",
    "Need",
    "NotFound",
    "Objection",
    "Panel",
    "PersonExport",
    "Plugin",
    "Problem",
    "Reading",
    "Role",
    "Subject",
    "TableCircle",
    "Tone",
    "Transition",
    "Unit",
    "Versioned",
    "World",
    "_",
    "_l",
    "_n",
    "actor",
    "clock",
    "enum_column",
    "get_agency",
    "hookimpl",
    "list_agencies",
    "msgid",
    "new_id",
    "note_read",
    "page",
    "paging",
    "record",
    "requires",
    "rows",
    "seal",
    "see_other",
    "session",
    "settings_of",
    "system_actor",
    "unseal",
    "writing",
]
