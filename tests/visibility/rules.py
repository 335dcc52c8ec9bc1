"""The plain rule of who sees what, written a second time over Python objects (ARCHITECTURE §4).

No SQL and nothing of the code under test: a test never asks that what it should have answered.
"""

from dataclasses import dataclass, field
from uuid import UUID

from portal.actor import Actor, AgencyKind, Role
from portal.agencies.models import Agency
from portal.cases.models import Circle, Level
from portal.users.models import User

WORKERS = frozenset({Role.COORDINATOR, Role.CASEWORKER, Role.DUTY_OFFICER})
ENDED, EXPIRED, NONE = "ended", "expired", "none"
# Who reads where a person is besides the institution in charge.
BY_LAW = (AgencyKind.PROSECUTOR, AgencyKind.COURT, AgencyKind.PUBLIC_DEFENCE)


@dataclass
class Someone:
    """A person at an agency (or at none, on the instance)."""

    post: str
    agency: str
    user: User
    actor: Actor

    @property
    def works(self) -> bool:
        """Tell whether a role is held that works on cases."""
        return bool(self.actor.roles & WORKERS)

    @property
    def is_staff(self) -> bool:
        """Tell whether it is an administrator in a staff session."""
        return self.actor.staff_session_id is not None

    @property
    def attends(self) -> bool:
        """Tell whether the person attends to what reaches the agency now."""
        return Role.COORDINATOR in self.actor.roles or self.actor.on_duty

    def __str__(self) -> str:
        return f"{self.post} of {self.agency or 'the platform'}"


@dataclass
class Piece:
    """An entry of a timeline as it was decided."""

    id: UUID
    circle: Circle
    agency: str
    author: UUID | None
    readers: set[UUID] = field(default_factory=set)
    text: str = ""


@dataclass
class File:
    """A case as it was decided: who is on it and how, who is assigned, who is barred.

    `emergencies` are those whose emergency access runs now, whatever role they hold; `granted` is
    everybody who ever had one.
    """

    id: UUID
    code: str
    lead: str
    standing: dict[str, str]
    names: list[str]
    children: list[UUID]
    is_open: bool = True
    assigned: set[tuple[str, UUID]] = field(default_factory=set)
    barred: set[UUID] = field(default_factory=set)
    emergencies: set[tuple[str, UUID]] = field(default_factory=set)
    granted: set[tuple[str, UUID]] = field(default_factory=set)
    pieces: list[Piece] = field(default_factory=list)
    terms: list[UUID] = field(default_factory=list)
    relatives: dict[UUID, bool] = field(default_factory=dict)
    signs: list[UUID] = field(default_factory=list)
    duties: list[UUID] = field(default_factory=list)
    interviews: list[Piece] = field(default_factory=list)
    plans: list[UUID] = field(default_factory=list)
    copies: list[UUID] = field(default_factory=list)
    old_copies: list[UUID] = field(default_factory=list)


@dataclass
class Letter:
    """An alert, a referral or a commitment as it was decided."""

    id: UUID
    file: File | None
    sender: str
    receivers: set[str]
    author: UUID | None = None
    verifier: str = ""
    is_open: bool = True


@dataclass
class World:
    """Everything that was made, and the rule over it.

    `is_thorough`: every address is tried for every person, not some of them.
    """

    is_thorough: bool = False

    agencies: dict[str, Agency] = field(default_factory=dict)
    people: list[Someone] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    alerts: list[Letter] = field(default_factory=list)
    referrals: list[Letter] = field(default_factory=list)
    commitments: list[Letter] = field(default_factory=list)
    transfers: list[Letter] = field(default_factory=list)
    matches: dict[UUID, tuple[File, File]] = field(default_factory=dict)
    documents: dict[UUID, tuple[File | None, Piece | Letter]] = field(default_factory=dict)

    def at(self, agency: str, post: str) -> Someone:
        """Return the person of a post."""
        return next(p for p in self.people if (p.agency, p.post) == (agency, post))

    # The rule, a second time.

    def within(self, person: Someone, file: File) -> bool:
        """Tell whether the person's role opens a case that the agency is on."""
        if Role.COORDINATOR in person.actor.roles or person.is_staff:
            return True
        if not person.works:
            return False
        mine = (person.agency, person.user.id) in file.assigned
        return mine or (person.actor.on_duty and file.is_open)

    def sees(self, person: Someone, file: File) -> bool:
        """Tell whether a person sees a case: through the agency, or in an emergency."""
        return self.belongs(person, file) or self.in_emergency(person, file)

    def belongs(self, person: Someone, file: File) -> bool:
        """Tell whether a person sees a case through the agency."""
        on_it = file.standing.get(person.agency) in tuple(Level)
        return on_it and self.within(person, file) and person.user.id not in file.barred

    def in_emergency(self, person: Someone, file: File) -> bool:
        """Tell whether emergency access opens a case to a person now."""
        if not person.actor.roles & {Role.COORDINATOR, Role.DUTY_OFFICER}:
            return False
        runs = (person.agency, person.user.id) in file.emergencies
        return runs and person.user.id not in file.barred

    def reads_all(self, person: Someone, file: File) -> bool:
        """Tell whether a person reads identity and the team's pieces of a case."""
        emergency = file.is_open and self.in_emergency(person, file)
        return emergency or self.reads_through_agency(person, file)

    def reads_through_agency(self, person: Someone, file: File) -> bool:
        """Tell whether a person reads the whole case in no emergency."""
        level = file.standing.get(person.agency)
        whole = level == Level.LEAD or (level == Level.TEAM and file.is_open)
        return whole and self.belongs(person, file)

    def sees_piece(self, person: Someone, file: File, piece: Piece) -> bool:
        """Tell whether an entry stands in a person's timeline."""
        if not self.sees(person, file) or (person.is_staff and piece.circle is Circle.SEALED):
            return False
        if piece.agency == person.agency and self.belongs(person, file):
            return True
        if piece.circle is Circle.AGENCY:
            return False
        if piece.circle is Circle.PARTIES:
            return file.is_open or self.reads_all(person, file)
        if piece.circle is Circle.SEALED:
            return self.reads_through_agency(person, file)
        return self.reads_all(person, file)

    def sees_interview(self, person: Someone, file: File, heard: Piece) -> bool:
        """Tell whether a person sees an interview of the register: in no emergency, by circle."""
        if person.is_staff or not self.belongs(person, file):
            return False
        told = heard.agency == person.agency or (heard.circle is Circle.PARTIES and file.is_open)
        return told or self.reads_through_agency(person, file)

    def sees_plan(self, person: Someone, file: File) -> bool:
        """Tell whether a person sees the plans of a case: in no emergency, where all is read."""
        return not person.is_staff and self.reads_through_agency(person, file)

    def sees_copy(self, person: Someone, file: File) -> bool:
        """Tell whether a person sees the copies for the court: those of who formed it and leads."""
        return not person.is_staff and person.agency == file.lead and self.belongs(person, file)

    def opens_piece(self, person: Someone, file: File, piece: Piece) -> bool:
        """Tell whether a person reads a sealed entry's text."""
        named = person.user.id == piece.author or person.user.id in piece.readers
        return piece.circle is Circle.SEALED and named and self.sees_piece(person, file, piece)

    def reads_document(self, person: Someone, document_id: UUID) -> bool:
        """Tell whether a person reads a document: as its piece, but in no emergency or look."""
        file, piece = self.documents[document_id]
        if person.is_staff:
            return False
        if isinstance(piece, Letter):
            is_referral = piece in self.referrals
            sees = self.sees_referral if is_referral else self.sees_commitment
            return sees(person, piece)
        assert file
        if not self.belongs(person, file):
            return False
        whole = self.reads_through_agency(person, file)
        if piece.circle is Circle.SEALED:
            named = person.user.id == piece.author or person.user.id in piece.readers
            return named and (whole or piece.agency == person.agency)
        if piece.agency == person.agency:
            return True
        if piece.circle is Circle.PARTIES:
            return file.is_open or whole
        return piece.circle is Circle.TEAM and whole

    def opens_whereabouts(self, person: Someone, file: File, *, is_open: bool) -> bool:
        """Tell whether a person may open where a relative is: few, unless it was left open."""
        if person.is_staff:
            return False
        by_law = person.agency == file.lead or person.actor.agency_kind in BY_LAW
        own = by_law and self.reads_through_agency(person, file)
        return own or (is_open and self.reads_all(person, file))

    def sees_terms(self, person: Someone, file: File) -> bool:
        """Tell whether a person reads the terms of a case: the Defensoría does at every level."""
        supervises = person.agency == "DEF" and file.is_open and self.sees(person, file)
        return supervises or self.reads_all(person, file)

    def reviews(self, person: Someone, file: File) -> bool:
        """Tell whether a person reviews an emergency access to a case, and so knows its code.

        The coordinator and the privacy officer of the institution in charge do, and the privacy
        officer of the institution whose person had it; nobody reviews one's own.
        """
        if person.user.id in file.barred:
            return False
        of_others = {agency for agency, user_id in file.granted if user_id != person.user.id}
        officer = Role.PRIVACY_OFFICER in person.actor.roles
        leads = person.agency == file.lead and (officer or Role.COORDINATOR in person.actor.roles)
        return bool(of_others) and (leads or (officer and person.agency in of_others))

    def sees_alert(self, person: Someone, alert: Letter) -> bool:
        """Tell whether a person sees an alert; deny wins where its case is closed to them."""
        if not person.agency or (alert.file and person.user.id in alert.file.barred):
            return False
        sent = person.agency == alert.sender
        is_author = sent and person.user.id == alert.author
        coordinates = Role.COORDINATOR in person.actor.roles
        received = person.agency in alert.receivers and person.attends
        return is_author or (sent and coordinates) or received

    def sees_referral(self, person: Someone, letter: Letter) -> bool:
        """Tell whether a person sees a referral."""
        assert letter.file
        file = letter.file
        if person.user.id in file.barred or not person.works:
            return False
        mine = (person.agency, person.user.id) in file.assigned
        received = person.agency in letter.receivers and (person.attends or mine)
        received = received and (letter.is_open or self.belongs(person, file))
        sent = person.agency == letter.sender and self.belongs(person, file)
        return received or sent or self.reads_through_agency(person, file)

    def sees_commitment(self, person: Someone, letter: Letter) -> bool:
        """Tell whether a person sees a commitment."""
        if not person.agency or not person.works:
            return False
        if letter.file and person.user.id in letter.file.barred:
            return False
        own = person.agency in {letter.sender, letter.verifier, *letter.receivers}
        return own or bool(letter.file and self.reads_through_agency(person, letter.file))

    def sees_transfer(self, person: Someone, letter: Letter) -> bool:
        """Tell whether a person sees that competence of a case was declined."""
        assert letter.file
        if person.is_staff or person.user.id in letter.file.barred:
            return False
        waits = letter.is_open and person.agency in letter.receivers and person.attends
        return waits or self.reads_through_agency(person, letter.file)

    # What may be done: the role lets, the institution's level lets, the case is open, nobody looks
    # only.

    def acts(self, person: Someone, file: File, *roles: Role) -> bool:
        """Tell whether a person acts on an open case at all: for the agency, with such a role."""
        holds = bool(person.actor.roles & set(roles or WORKERS))
        return holds and file.is_open and not person.is_staff and self.belongs(person, file)

    def writes(self, person: Someone, file: File, circle: Circle) -> bool:
        """Tell whether a person writes an entry of a circle."""
        informed = file.standing.get(person.agency) == Level.INFORMED
        return self.acts(person, file) and not (informed and circle in (Circle.TEAM, Circle.SEALED))

    def works_on_all(self, person: Someone, file: File) -> bool:
        """Tell whether a person edits a case, refers from it and brings in who is informed."""
        level = file.standing.get(person.agency)
        return level in (Level.LEAD, Level.TEAM) and self.acts(person, file)

    def leads(self, person: Someone, file: File, *roles: Role) -> bool:
        """Tell whether a person acts for the institution in charge."""
        return file.standing.get(person.agency) == Level.LEAD and self.acts(person, file, *roles)

    def moves_to(self, person: Someone, file: File, piece: Piece) -> set[Circle]:
        """Return where a person may move a piece that was written.

        Its author narrows freely and widens up to the team; wider is the lead's, who also brings
        back to the team what all read.
        """
        if not (self.acts(person, file) and self.sees_piece(person, file, piece)):
            return set()
        to: set[Circle] = set()
        if piece.author == person.user.id:
            informed = file.standing[person.agency] == Level.INFORMED
            to = {Circle.AGENCY} if informed else {Circle.SEALED, Circle.AGENCY, Circle.TEAM}
        authored = piece.author == person.user.id
        if self.leads(person, file) and (authored or piece.circle in (Circle.TEAM, Circle.PARTIES)):
            to |= {Circle.TEAM, Circle.PARTIES}
        return to - {piece.circle}
