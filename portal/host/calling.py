"""Calling: each module is asked alone, and what it may do wrong is decided hook by hook.

A call and the rendering of its answer stand in one savepoint, in which the database refuses to
write. A module that fails leaves the page, the transaction and the other modules as they were.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import perf_counter
from typing import Any, TypeVar
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import event
from sqlmodel import Session

from portal.actor import Actor
from portal.db import WritingSession
from portal.host import loading, queries
from portal.host.slots import (
    AgencyRef,
    Box,
    BriefLine,
    CaseAction,
    CaseRef,
    CaseView,
    HomeGroup,
    HomeItem,
    NavEntry,
    Objection,
    Panel,
    Subject,
    Tone,
    Transition,
    World,
)
from portal.personal import Erased, ErasurePlan, PersonExport
from portal.texts import _l

T = TypeVar("T")

Render = Callable[[str, dict[str, Any]], str]


class ModuleFailed(Exception):
    """A module failed on a hook: its slug. The cause is in the log, without its text."""


class TransactionLost(Exception):
    """A module ended the transaction of an act: the whole request must fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPanel:
    """A panel of the case page, rendered; `failed` is set where a box stands in its place."""

    key: str
    title: Any
    html: Markup | None = None
    weight: int = 100
    failed: Box | None = None


def ask(
    slug: str, hook: str, finish: Callable[[Any], T], session: Session | None = None, **given: Any
) -> T:
    """Ask one module and return what `finish` makes of the answer; raises ModuleFailed.

    `finish` checks, and where needed renders, inside the same savepoint. The time is counted and a
    failure noted whatever happens.
    """
    host = loading.current()
    caller = host.callers[hook, slug]
    started = perf_counter()
    try:
        if session is None:
            answer = finish(next(iter(caller(**given)), None))
        else:
            with reading_only(session):
                answer = finish(next(iter(caller(session=session, **given)), None))
    except TransactionLost:
        raise
    except Exception as error:
        host.health.note(slug, hook, perf_counter() - started, error)
        raise ModuleFailed(slug) from None
    host.health.note(slug, hook, perf_counter() - started)
    return answer


@contextmanager
def reading_only(session: Session) -> Iterator[None]:
    """Open a savepoint in which nothing can be written, and go back to it at the end.

    Reading sessions are refused by the database anyhow; a writing one is made to read for as long
    as the block lasts. Whoever ends its transaction inside the block raises TransactionLost.
    """
    savepoint = session.begin_nested()
    root = session.get_transaction()
    writes = isinstance(session, WritingSession)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    raw: Any = session.connection().connection.dbapi_connection
    if writes:
        raw.execute("PRAGMA query_only=1" if is_sqlite else "SET TRANSACTION READ ONLY")
        event.listen(session, "before_commit", refuse_commit)
    try:
        yield
    finally:
        if writes:
            event.remove(session, "before_commit", refuse_commit)
            if is_sqlite:
                # Also where the transaction is lost: others write on this connection after it.
                raw.execute("PRAGMA query_only=0")
        if session.get_transaction() is root:
            savepoint.rollback()
        elif writes:
            raise TransactionLost


def refuse_commit(session: Session) -> None:
    """Stop a module that would commit the act in whose middle it is asked."""
    raise PermissionError("A module does not commit.")


def box(slug: str, actor: Actor) -> Box:
    """Return what stands in place of a module's part that failed."""
    return Box(slug=slug, name=loading.current().name_of(slug), reference=actor.request_id)


def navigation(actor: Actor) -> list[NavEntry]:
    """Return the menu's entries of the modules that are on; one that fails is left out."""
    return [
        entry
        for _slug, entries in answers("navigation", actor.modules, entries_of, actor=actor)
        for entry in entries or ()
    ]


def home_items(session: Session, actor: Actor, limit: int) -> tuple[list[HomeItem], list[Box]]:
    """Return the modules' lines of the home page, and a box for each module that failed."""

    def finish(answer: Any) -> list[HomeItem]:
        return [home_item(item) for item in each(answer, HomeItem)][:limit]

    asked = answers("home_items", actor.modules, finish, session, actor=actor, limit=limit)
    return gather(asked, actor)


def case_panels(
    session: Session, actor: Actor, case: CaseView, render: Render
) -> list[RenderedPanel]:
    """Return the modules' panels of a case page, each rendered by `render(template, variables)`.

    A module that fails in the call or in the rendering gives one box in their place.
    """
    panels: list[RenderedPanel] = []
    for slug in loading.current().answering("case_panels", actor.modules):

        def finish(answer: Any, slug: str = slug) -> list[RenderedPanel]:
            return [rendered(slug, panel, render) for panel in each(answer, Panel)]

        try:
            panels += ask(slug, "case_panels", finish, session, actor=actor, case=case)
        except ModuleFailed:
            failed = box(slug, actor)
            panels.append(RenderedPanel(key=f"{slug}.failed", title=failed.name, failed=failed))
    return sorted(panels, key=lambda panel: panel.weight)


def case_actions(actor: Actor, case: CaseView) -> list[CaseAction]:
    """Return what the actor can start in the modules from a case page; failures are left out."""
    asked = answers("case_actions", actor.modules, actions_of, actor=actor, case=case)
    return [action for _slug, actions in asked for action in actions or ()]


def council_brief(
    session: Session, actor: Actor, case: CaseView
) -> tuple[list[BriefLine], list[Box]]:
    """Return the lines that the modules propose for a brief, and a box for each that failed."""

    def finish(answer: Any) -> list[BriefLine]:
        return [replace(line, text=str(line.text)) for line in each(answer, BriefLine)]

    asked = answers("council_brief", actor.modules, finish, session, actor=actor, case=case)
    return gather(asked, actor)


def case_objections(
    session: Session, actor: Actor, case_id: UUID, transition: str, agency_ids: Collection[UUID]
) -> list[Objection]:
    """Return what the modules of any institution of a case have against a transition of it."""
    slugs = queries.switched_on(session, agency_ids)
    subject = CaseRef(case_id)
    return [
        objection
        for slug in sorted(slugs)
        for objection in objections_of(slug, session, actor, subject, transition)
    ]


def switch_objections(
    session: Session, actor: Actor, slug: str, agency_id: UUID
) -> list[Objection]:
    """Return what a module has against being switched off for an agency."""
    return objections_of(slug, session, actor, AgencyRef(agency_id), Transition.SWITCH_OFF)


def objections_of(
    slug: str, session: Session, actor: Actor, subject: Subject, transition: str
) -> list[Objection]:
    """Return one module's objections; one that cannot be asked objects by that alone."""
    host = loading.current()
    if slug not in host.loaded:
        return [unanswered(slug)]
    if not host.implements(slug, "check_transition"):
        return []

    def finish(answer: Any) -> list[Objection]:
        return [replace(found, text=str(found.text)) for found in each(answer, Objection)]

    given = {"actor": actor, "subject": subject, "transition": str(transition)}
    try:
        return ask(slug, "check_transition", finish, session, **given)
    except ModuleFailed:
        return [unanswered(slug)]


def unanswered(slug: str) -> Objection:
    """Return the objection of a module that is on and cannot be asked."""
    name = loading.current().name_of(slug)
    return Objection(
        text=_l("The module %(name)s cannot say what is open. Tell the administrator.", name=name)
    )


def export_person(session: Session, person_id: UUID, slugs: Iterable[str]) -> list[PersonExport]:
    """Return what the admitted modules hold of a person; raises ModuleFailed naming the first."""

    def finish(answer: Any) -> list[PersonExport]:
        return each(answer, PersonExport)

    return [
        part
        for slug in must_answer("export_person", slugs)
        for part in ask(slug, "export_person", finish, session, person_id=person_id)
    ]


def erase_person(
    session: WritingSession, person_id: UUID, plan: ErasurePlan, slugs: Iterable[str]
) -> list[Erased]:
    """Let the admitted modules erase what they hold of a person, in the caller's transaction.

    Raises ModuleFailed naming the first module that failed; the caller rolls everything back.
    """
    return [
        part
        for slug in must_answer("erase_person", slugs)
        for part in act(slug, "erase_person", session=session, person_id=person_id, plan=plan)
    ]


def demo(session: WritingSession, world: World, slugs: Iterable[str]) -> None:
    """Let the admitted modules add their records to the demonstration; raises ModuleFailed."""
    for slug in must_answer("demo", slugs):
        act(slug, "demo", session=session, world=world)


def must_answer(hook: str, slugs: Iterable[str]) -> list[str]:
    """Return the modules that answer a hook; raises ModuleFailed where one cannot be asked."""
    wanted = list(slugs)
    host = loading.current()
    for slug in wanted:
        if slug not in host.loaded:
            raise ModuleFailed(slug)
    return host.answering(hook, wanted)


def act(slug: str, hook: str, **given: Any) -> Sequence[Any]:
    """Let one module write in the caller's transaction; raises ModuleFailed."""
    host = loading.current()
    started = perf_counter()
    try:
        answer = next(iter(host.callers[hook, slug](**given)), None)
        given["session"].flush()
    except Exception as error:
        host.health.note(slug, hook, perf_counter() - started, error)
        raise ModuleFailed(slug) from None
    host.health.note(slug, hook, perf_counter() - started)
    return list(answer or ())


def answers(
    hook: str,
    slugs: Iterable[str],
    finish: Callable[[Any], T],
    session: Session | None = None,
    **given: Any,
) -> Iterator[tuple[str, T | None]]:
    """Yield each module's answer in order, None where it failed."""
    for slug in loading.current().answering(hook, slugs):
        try:
            yield slug, ask(slug, hook, finish, session, **given)
        except ModuleFailed:
            yield slug, None


def gather(asked: Iterable[tuple[str, list[T] | None]], actor: Actor) -> tuple[list[T], list[Box]]:
    """Part the answers of the modules from the boxes of those that failed."""
    found: list[T] = []
    boxes: list[Box] = []
    for slug, answer in asked:
        if answer is None:
            boxes.append(box(slug, actor))
        else:
            found += answer
    return found, boxes


def each(answer: Any, kind: type[T]) -> list[T]:
    """Return the parts of an answer; raises TypeError where one is not of the kind promised."""
    parts = list(answer or ())
    for part in parts:
        if type(part) is not kind:
            raise TypeError(f"expected {kind.__name__}")
    return parts


def entries_of(answer: Any) -> list[NavEntry]:
    """Return checked entries of the menu."""
    return [
        replace(entry, label=str(entry.label), url=own_path(entry.url))
        for entry in each(answer, NavEntry)
    ]


def actions_of(answer: Any) -> list[CaseAction]:
    """Return checked actions of a case page."""
    actions = each(answer, CaseAction)
    if any(action.method not in ("GET", "POST") for action in actions):
        raise ValueError("method")
    return [
        replace(action, label=str(action.label), url=own_path(action.url)) for action in actions
    ]


def home_item(item: HomeItem) -> HomeItem:
    """Return a checked line of the home page, its texts in the reader's language."""
    if isinstance(item.when, datetime) and item.when.tzinfo is None:
        raise ValueError("when")
    if item.when is not None and not isinstance(item.when, date):
        raise TypeError("when")
    return replace(
        item,
        title=str(item.title),
        note=str(item.note),
        action_label=str(item.action_label),
        url=own_path(item.url),
        action_url=own_path(item.action_url) if item.action_url else "",
        tone=Tone(item.tone),
        group=HomeGroup(item.group),
    )


def rendered(slug: str, panel: Panel, render: Render) -> RenderedPanel:
    """Render a panel; raises ValueError where its key or template is not the module's own."""
    if not panel.key.startswith(f"{slug}.") or not panel.template.startswith(f"{slug}/"):
        raise ValueError("key or template")
    # The template escapes what it shows; its output is the host's own markup.
    html = Markup(render(panel.template, dict(panel.data)))  # noqa: S704
    return RenderedPanel(key=panel.key, title=str(panel.title), html=html, weight=panel.weight)


def own_path(url: str) -> str:
    """Return an address if it is a path of this portal; raises ValueError otherwise."""
    if not url.startswith("/") or url.startswith("//") or "\\" in url:
        raise ValueError("address")
    return url
