"""The timeline in the words of a page: what each entry says, who reads it, what may be done.

A page shows thirty entries, and a word that is looked up or filled in for each of them is paid for
thirty times: here each label is translated once, and the template only sets down what it is given.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal import clock
from portal.actor import Actor
from portal.cases.labels import CIRCLE, KIND, entry_title
from portal.cases.models import Case, Circle, EntryKind
from portal.cases.queries import EntryRow
from portal.cases.rules import Access
from portal.texts import _, moment_text

# What the law makes of a case, beside what people write of it.
LEGAL = (EntryKind.ACT, EntryKind.TERM, EntryKind.PLACEMENT)
# What its author may strike; an interview is corrected in its register, a document by a version.
STRIKEABLE = (
    EntryKind.NOTE,
    EntryKind.INTERVIEW,
    EntryKind.VISIT,
    EntryKind.ACT,
    EntryKind.DOCUMENT,
)
CORRECTABLE = (EntryKind.NOTE, EntryKind.VISIT, EntryKind.ACT)
# Written down so much later than it happened, an entry tells both moments.
LATER = 60
NOBODY: Mapping[UUID, str] = {}


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry as the timeline sets it down."""

    id: UUID
    look: str
    is_struck: bool
    sealed: str
    title: str
    text: str
    documents: Collection[Any]
    line: str
    strike: str
    corrects_id: UUID | None
    ways: Sequence[tuple[str, str]]


def tell(
    entries: Sequence[EntryRow],
    actor: Actor,
    case: Case,
    access: Access,
    acting: Access,
    attached: Mapping[UUID, Collection[Any]],
    siblings: Mapping[UUID, str] = NOBODY,
) -> list[ToldEntry]:
    """Return entries in words; `acting` is by what the actor acts on a case that `access` shows.

    `siblings` names the children where there are several, so that one knows of whom it speaks.
    """
    kinds = {kind: str(label) for kind, label in KIND.items()}
    circles = {circle: str(label) for circle, label in CIRCLE.items()}
    opens, recorded = _("Open it (it is recorded)"), _("recorded %(moment)s")
    change = {"circle": _("Who reads it"), "correct": _("Correct"), "strike": _("Strike")}
    may_act = case.is_open and not acting.reads_only
    here = f"/cases/{case.code}/entries"
    told = []
    for entry in entries:
        kind, circle = kinds[entry.kind], circles[entry.circle]
        title = entry_title(entry.title, entry.facts)
        is_struck = entry.struck_at is not None
        whose = [name for person_id, name in siblings.items() if person_id == entry.person_id]
        ways = [(f"{here}/{entry.id}", opens)] if entry.may_open else []
        if may_act and not is_struck and not entry.title:
            may = _changes(entry, actor, access)
            ways += [(f"{here}/{entry.id}/{name}", change[name]) for name in may]
        told.append(
            ToldEntry(
                id=entry.id,
                look=_look(entry),
                is_struck=is_struck,
                sealed=circle if entry.circle is Circle.SEALED else "",
                title=title or kind,
                text=entry.text,
                documents=attached.get(entry.id, ()),
                line=" · ".join(whose + _line(entry, kind if title else "", circle, recorded)),
                strike=_strike(entry),
                corrects_id=entry.corrects_id,
                ways=ways,
            )
        )
    return told


def _look(entry: EntryRow) -> str:
    """Return how an entry is marked at its side, by who reads it and what it is."""
    if entry.circle is Circle.SEALED:
        return "seal"
    return "law" if entry.kind in LEGAL else ""


def _line(entry: EntryRow, kind: str, circle: str, recorded: str) -> list[str]:
    """Return what stands under an entry: when, who wrote it and for whom."""
    who = f"{entry.agency}, {entry.author}" if entry.author else entry.agency
    parts = [kind] if kind else []
    parts += [moment_text(clock.local(entry.happened_at)), who, circle]
    if (entry.recorded_at - entry.happened_at).total_seconds() >= LATER:
        parts.append(recorded % {"moment": moment_text(clock.local(entry.recorded_at))})
    return parts


def _strike(entry: EntryRow) -> str:
    """Return that an entry was struck, and why to whom may read it."""
    if entry.strike_reason:
        return _("struck: %(reason)s", reason=entry.strike_reason)
    return _("struck") if entry.struck_at else ""


def _changes(entry: EntryRow, actor: Actor, access: Access) -> list[str]:
    """Return what the actor may do with a written piece: who reads it, correct it, strike it."""
    if entry.author_id is None:
        return []
    is_author = entry.author_id == actor.user_id
    changes = []
    if is_author or (access.leads and entry.circle in (Circle.TEAM, Circle.PARTIES)):
        changes.append("circle")
    if is_author and entry.kind in STRIKEABLE:
        if entry.circle is not Circle.SEALED and entry.kind in CORRECTABLE:
            changes.append("correct")
        changes.append("strike")
    return changes
