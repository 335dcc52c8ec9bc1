"""Everything of the portal that a plugin may import, and nothing else: the public interface.

What is not named here is not part of it and may change without notice. A change here fails a test
until CHANGELOG.md says so.
"""

# The manifest, the hooks' mark and what hooks return.
# Who acts, what may go wrong, the clock, texts and columns.
from portal import clock
from portal.actor import Actor, AgencyKind, Role
from portal.db import Identified, Versioned, enum_column, new_id
from portal.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from portal.host.plugin import Plugin, hookimpl
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
from portal.texts import _, _l, _n

__all__ = [
    "Actor",
    "AgencyKind",
    "AgencyRef",
    "BriefLine",
    "CaseAction",
    "CaseRef",
    "CaseView",
    "ChildView",
    "Conflict",
    "Erased",
    "ErasurePlan",
    "Forbidden",
    "HomeGroup",
    "HomeItem",
    "Identified",
    "Invalid",
    "NavEntry",
    "NotFound",
    "Objection",
    "Panel",
    "PersonExport",
    "Plugin",
    "Problem",
    "Role",
    "Subject",
    "TableCircle",
    "Tone",
    "Transition",
    "Versioned",
    "World",
    "_",
    "_l",
    "_n",
    "clock",
    "enum_column",
    "hookimpl",
    "new_id",
]
