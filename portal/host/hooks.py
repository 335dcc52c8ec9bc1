"""The hooks: every question that the portal asks its modules, and nothing else.

A module answers with a method of the same name, marked `hookimpl`, that takes any of the arguments.
Each module is asked alone, by weight and slug, inside a savepoint; nobody overrides anybody. The
docstrings are the contract: the page `docs/plugins.md` is made from them.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import pluggy
from flask import Blueprint
from sqlmodel import Session

from portal.actor import Actor, Role
from portal.events import Event
from portal.host.plugin import PROJECT
from portal.host.slots import (
    BriefLine,
    CaseAction,
    CaseView,
    HomeItem,
    LegalTerm,
    NavEntry,
    Objection,
    Panel,
    Subject,
    World,
)
from portal.personal import Erased, ErasurePlan, PersonExport

hookspec = pluggy.HookspecMarker(PROJECT)


@hookspec
def blueprints() -> Sequence[Blueprint] | None:
    """Return the blueprints of the module's pages.

    Runs: once, when the module is loaded, whether or not it is on anywhere.
    Return: blueprints named `<slug>` or `<slug>_…`. The host mounts them under `/p/<slug>/`, and
    answers 404 wherever the module is off for the acting agency. Every view declares its
    permission; a blueprint brings no static files, no handler for the whole application, no
    template folder and no commands.
    None: the module has no pages.
    When it fails: the module is quarantined.
    """


@hookspec
def permissions() -> Mapping[str, frozenset[Role]] | None:
    """Return the module's permissions and the roles that hold them.

    Runs: once, when the module is loaded.
    Return: names written `<slug>.<resource>.<verb>`, each with its roles inside the agency. A role
    holds them only while the module is on for the acting agency.
    None: the module adds no permission.
    When it fails: the module is quarantined.
    """


@hookspec
def deadline_rules() -> Sequence[LegalTerm] | None:
    """Return the legal terms that the module's procedure runs on.

    Runs: once, when the module is loaded.
    Return: rules whose code begins with `<slug>.` and whose source names the article.
    None: the module adds no term.
    When it fails: the module is quarantined.
    """


@hookspec
def navigation(actor: Actor) -> Sequence[NavEntry] | None:
    """Return the module's entries of the menu.

    Runs: on every page, for an actor whose agency has the module on. Without the database: it must
    answer from the actor alone.
    Return: entries whose address lies under `/p/<slug>/` and which the actor may open.
    None: nothing in the menu.
    When it fails: the entries are left out.
    """


@hookspec
def home_items(session: Session, actor: Actor, limit: int) -> Sequence[HomeItem] | None:
    """Return what needs the actor now, soonest first, at most `limit` lines.

    Runs: when the home page opens, for an actor whose agency has the module on; reading only.
    Return: lines for what the actor may see and do. Each names its one action.
    None: nothing is pending.
    When it fails: a box says so in its place.
    """


@hookspec
def case_panels(session: Session, actor: Actor, case: CaseView) -> Sequence[Panel] | None:
    """Return the module's panels of a case page.

    Runs: when a case page opens, for an actor whose agency has the module on and who may see the
    case; reading only. The savepoint covers the rendering of the template too.
    Return: panels whose key begins with `<slug>.` and whose template stands in `<slug>/`.
    None: nothing to show on this case.
    When it fails: a box says so in its place.
    """


@hookspec
def case_actions(actor: Actor, case: CaseView) -> Sequence[CaseAction] | None:
    """Return what the actor can start from a case page.

    Runs: when a case page opens, under the conditions of `case_panels`. Without the database.
    Return: links (GET) or buttons (POST) to addresses under `/p/<slug>/`.
    None: nothing to start.
    When it fails: the actions are left out.
    """


@hookspec
def check_transition(
    session: Session, actor: Actor, subject: Subject, transition: str
) -> Sequence[Objection] | None:
    """Return the reasons against closing or merging a case, or against switching the module off.

    Runs: before the transition, reading only. For a case (`CaseRef`), in every module that is on
    for any institution of it, whoever acts; for an agency (`AgencyRef`), in the module that is
    to be switched off there. Never before what protects: accepting, admitting, transferring, an
    urgent measure. `transition` is one of `Transition`.
    Return: what is open, as counts and places where the actor may not see the case. Any one
    objection stops the transition.
    None: no objection.
    When it fails: that counts as an objection which names the module, and so does a module that is
    on but quarantined.
    """


@hookspec
def council_brief(session: Session, actor: Actor, case: CaseView) -> Sequence[BriefLine] | None:
    """Return lines to propose for the brief with which a case enters a council's session.

    Runs: when the lead, whose agency has the module on, writes the brief; reading only.
    Return: lines that name nobody: no name, code, address, school or exact date. The lead chooses
    and approves.
    None: nothing to propose.
    When it fails: a box says so in its place.
    """


@hookspec
def on_event(session: Session, event: Event) -> None:
    """Take note of something that happened.

    Runs: after the act was committed, in a transaction of its own, for every admitted module; the
    switches of the agencies are ignored, so that nothing is missed while a module is off. The same
    event may come more than once: the handler must bear it.
    Return: nothing. The session may write; the host commits.
    None: always.
    When it fails: the transaction is rolled back, the worker tries again with growing pauses, and
    the health page shows it.
    """


@hookspec
def export_person(session: Session, person_id: UUID) -> Sequence[PersonExport] | None:
    """Return everything that the module holds of a person (Ley 29733 art. 19).

    Runs: when the copy of a person's data is made, for every admitted module; reading only.
    Return: one part for each table, its rows made by `readable` with labels and words in the
    reader's language; sealed cells opened by `opened`.
    None: the module holds nothing of this person.
    When it fails: the export stops and says which module stopped it.
    """


@hookspec
def erase_person(session: Session, person_id: UUID, plan: ErasurePlan) -> Sequence[Erased] | None:
    """Erase what the module holds of a person, as two people planned it.

    Runs: when a planned erasure is carried out, for every admitted module, in the transaction of
    the erasure.
    Return: how many rows of each table were erased and how many stay, because a case of the plan's
    `held_case_ids` holds them. Of those in `shared_case_ids`, which stay for the person's siblings,
    what is of this person alone is erased all the same. `scopes` names what cells of erased rows
    were sealed under, where that is no case and no person: these keys are destroyed.
    None: the module holds nothing of this person.
    When it fails: the erasure stops as a whole and says which module stopped it.
    """


@hookspec
def demo(session: Session, world: World) -> None:
    """Add the module's synthetic records to the demonstration.

    Runs: when the demonstration is made, for every admitted module, under its clock and through
    the module's own services.
    Return: nothing. The session may write; the demonstration commits.
    None: always.
    When it fails: the demonstration stops and says which module stopped it.
    """
