"""A module that answers every hook, and fails on those named in `failing`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint
from pydantic import BaseModel
from sqlmodel import Session, select

from portal.sdk import (
    Actor,
    AgencyKind,
    AgencyRef,
    BriefLine,
    CaseAction,
    CaseRef,
    CaseView,
    Erased,
    ErasurePlan,
    HomeItem,
    NavEntry,
    Objection,
    Panel,
    PersonExport,
    Plugin,
    Role,
    Subject,
    World,
    _l,
    clock,
    hookimpl,
)

from .models import Note
from .views import bp

SECRET = "Rosa Huamán"

failing: set[str] = set()
heard: list[object] = []
objecting: list[Objection] = []


def trip(hook: str) -> None:
    """Fail where a test asked for it, with a name in the error's text."""
    if hook in failing:
        raise RuntimeError(SECRET)


class Rule:
    """As much of a legal term as the host looks at."""

    code = "dummy.assessment"
    source = "DL 1297 art. 18"


class Settings(BaseModel):
    """What an agency may set."""

    places: int = 10
    greeting: str = "Buenos días"
    shared: bool = False


class Dummy(Plugin):
    """Answers every hook with as little as possible."""

    slug = "dummy"
    name = _l("Dummy")
    summary = _l("Answers every hook")
    requires_portal = ">=1,<2"
    for_kinds = {AgencyKind.UPE}
    handles = {"personal_data"}
    circles = {"dummy_note": "team"}
    settings_model = Settings
    migrations = "portal_dummy:migrations"
    weight = 10

    @hookimpl
    def blueprints(self) -> Sequence[Blueprint]:
        """Return the pages."""
        trip("blueprints")
        return [bp]

    @hookimpl
    def permissions(self) -> Mapping[str, frozenset[Role]]:
        """Return the permissions."""
        trip("permissions")
        return {"dummy.note.read": frozenset({Role.COORDINATOR})}

    @hookimpl
    def deadline_rules(self) -> Sequence[Rule]:
        """Return one term."""
        trip("deadline_rules")
        return [Rule()]

    @hookimpl
    def navigation(self, actor: Actor) -> Sequence[NavEntry]:
        """Return one entry."""
        trip("navigation")
        return [NavEntry(label=_l("Notes"), url="/p/dummy/")]

    @hookimpl
    def home_items(self, session: Session, actor: Actor, limit: int) -> Sequence[HomeItem]:
        """Return a line for each note."""
        trip("home_items")
        return [
            HomeItem(when=clock.today(), tone="due_soon", title=note.text, url="/p/dummy/")
            for note in session.exec(select(Note)).all()
        ]

    @hookimpl
    def case_panels(self, session: Session, actor: Actor, case: CaseView) -> Sequence[Panel]:
        """Return one panel."""
        trip("case_panels")
        data = {"notes": ["uno"], "trip": lambda: trip("rendering")}
        return [Panel(key="dummy.notes", title=_l("Notes"), template="dummy/panel.html", data=data)]

    @hookimpl
    def case_actions(self, actor: Actor, case: CaseView) -> Sequence[CaseAction]:
        """Return one link."""
        trip("case_actions")
        return [CaseAction(label=_l("Write a note"), url="/p/dummy/")]

    @hookimpl
    def check_transition(
        self, session: Session, actor: Actor, subject: Subject, transition: str
    ) -> Sequence[Objection]:
        """Object with what the test set."""
        trip("check_transition")
        match subject:
            case CaseRef() | AgencyRef():
                return list(objecting)

    @hookimpl
    def council_brief(self, session: Session, actor: Actor, case: CaseView) -> Sequence[BriefLine]:
        """Propose one line."""
        trip("council_brief")
        return [BriefLine(text=_l("There are notes."))]

    @hookimpl
    def on_event(self, session: Session, event: object) -> None:
        """Keep the event."""
        trip("on_event")
        heard.append(event)

    @hookimpl
    def export_person(self, session: Session, person_id: UUID) -> Sequence[PersonExport]:
        """Return the notes about a person."""
        trip("export_person")
        notes = session.exec(select(Note).where(Note.person_id == person_id)).all()
        rows: list[Mapping[str, Any]] = [{"text": note.text} for note in notes]
        return [PersonExport(table="dummy_note", title=_l("Notes"), rows=rows)]

    @hookimpl
    def erase_person(
        self, session: Session, person_id: UUID, plan: ErasurePlan
    ) -> Sequence[Erased]:
        """Delete the notes about a person."""
        trip("erase_person")
        notes = session.exec(select(Note).where(Note.person_id == person_id)).all()
        for note in notes:
            session.delete(note)
        return [Erased(table="dummy_note", erased=len(notes))]

    @hookimpl
    def demo(self, session: Session, world: World) -> None:
        """Write one note."""
        trip("demo")
        session.add(Note(text="demo"))


plugin = Dummy()
