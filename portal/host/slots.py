"""What contexts and modules hand to the pages: frozen values, never markup.

The core's own lists use the same classes, so that the way of a plugin is the way of the core.
Texts are translatable (`_l(...)`) or already in the reader's language; addresses are paths of this
portal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from portal.actor import Actor


class Tone(StrEnum):
    """How a line stands in time; shown by shape and words as well as by colour."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    IN_TIME = "in_time"
    CLOSED = "closed"


class HomeGroup(StrEnum):
    """The groups of the home page (Mis pendientes), in the order in which they stand there."""

    PROTECTION = "protection"
    TERMS = "terms"
    ALERTS = "alerts"
    REFERRALS = "referrals"
    COMMITMENTS = "commitments"
    CARE = "care"
    COUNCIL = "council"


class Transition(StrEnum):
    """What a module may object to; nothing that protects a child is ever on this list."""

    CLOSE = "close"
    MERGE = "merge"
    SWITCH_OFF = "switch_off"


class TableCircle(StrEnum):
    """Who may read the rows of a module's table at most; `NONE` is for what concerns nobody."""

    NONE = "none"
    AGENCY = "agency"
    TEAM = "team"
    PARTIES = "parties"
    SEALED = "sealed"


class LegalTerm(Protocol):
    """What the host needs of a deadline rule (`portal.sdk.DeadlineRule`): its code and source."""

    @property
    def code(self) -> str:
        """Return the code, `<slug>.<name>` for a module's rule."""

    @property
    def source(self) -> str:
        """Return the article that sets the term."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavEntry:
    """An entry of the menu. `count` is shown beside it, None shows nothing."""

    label: Any
    url: str
    count: int | None = None
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeItem:
    """One line of the home page: what needs the actor, when, and its one action.

    `when` is the day or instant at which it runs out (None: no term), `tone` one of `Tone`, `group`
    one of `HomeGroup`. Other agencies' lines carry initials and code in `title`, never a name.
    """

    when: datetime | date | None
    tone: str
    title: Any
    url: str
    note: Any = ""
    action_label: Any = ""
    action_url: str = ""
    group: str = HomeGroup.CARE
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel of the case page: a template of the module and the data for it.

    `key` is `<slug>.<name>`, `template` is `<slug>/<file>.html`; `data` becomes the template's
    variables.
    """

    key: str
    title: Any
    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAction:
    """A link (`GET`) or a button (`POST`) on the case page."""

    label: Any
    url: str
    method: str = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A reason against a transition: what is open, where it stands, how many.

    Where the actor may not see the case, `text` names no person and `where` is a place to ask, not
    an address.
    """

    text: Any
    where: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefLine:
    """A line proposed for the brief of a council's session; it names nobody."""

    text: Any
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """What stands in place of a module's part that failed; it repeats no text of the error."""

    slug: str
    name: Any
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """A child of a case, as the reader's level allows: `label` is the full name or the initials."""

    person_id: UUID
    label: str
    initials: str
    age_text: str
    sex: str
    placement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case as a module sees it, masked for the actor's level on it.

    Instants are aware UTC; `due_on` is the day of the next running term, None without one and where
    terms are not read; `situation` is empty where it is not read. The words are the values of the
    core's enumerations (`portal.sdk` re-exports them).
    """

    id: UUID
    code: str
    title: str
    status: str
    priority: str
    situation: str
    district: str
    lead_agency_id: UUID
    level: str
    opened_at: datetime
    due_on: date | None
    children: tuple[ChildView, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRef:
    """The case that a transition is about, by its identifier only."""

    id: UUID


@dataclass(frozen=True, slots=True)
class AgencyRef:
    """The agency for which a module would be switched off."""

    id: UUID


Subject = CaseRef | AgencyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the demonstration made so far: agencies by code, actors by account, cases by name."""

    agencies: Mapping[str, UUID]
    actors: Mapping[str, Actor]
    cases: Mapping[str, UUID]
