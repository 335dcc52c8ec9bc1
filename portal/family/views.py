"""Pages of the family of a case: drawn and listed, registered together, changed, struck."""

from collections.abc import Collection, Hashable, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from portal import clock
from portal.cases.children import ChildRow, children_of
from portal.cases.labels import PLACEMENT, choices
from portal.cases.models import Case, Placement
from portal.cases.queries import access_to, case_to_act, get_case
from portal.cases.rules import WORKERS
from portal.errors import Forbidden, NotFound
from portal.family import inputs, queries, services
from portal.family.genogram import Member, Shape, draw, of_one_birth
from portal.family.labels import PARTING, RELATION, short_relation
from portal.family.queries import RelativeRow
from portal.people.inputs import OtherDocument, PersonDetails
from portal.people.labels import (
    DOCUMENT,
    document_choices,
    document_words,
    numbered_choices,
    sex_choices,
)
from portal.people.models import Person, Sex
from portal.people.queries import other_documents, sealed_texts
from portal.people.rules import age_on, age_text, full_name
from portal.texts import _, _n
from portal.web import Form, actor, page, require_proof, requires, see_other, session, writing

blueprint = Blueprint("family", __name__, url_prefix="/cases/<code>/family")

# Signs that a line of text under a figure holds.
LONGEST = 16

PLACEMENTS = (Placement.WITH_FAMILY, Placement.ALONE, Placement.HOSPITAL, Placement.UNKNOWN)


def _open(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case whose identity the actor reads, and what each page about its family shows."""
    case = get_case(session(), actor(), code)
    access = access_to(session(), actor(), case)
    if not access.reads_all:
        raise NotFound
    return case, {"case": case, "access": access}


def _to_write(code: str) -> tuple[Case, dict[str, Any]]:
    """Return a case whose family the actor writes, and what each form about it shows."""
    case, access = case_to_act(session(), actor(), code, *WORKERS)
    return case, {"case": case, "access": access}


def _back(case: Case) -> Response:
    return see_other(url_for("family.show", code=case.code))


@blueprint.get("")
@requires("family.member.read")
def show(code: str) -> str:
    """Show the family: the genogram, and the table that says the same."""
    case, shown = _open(code)
    relatives = queries.list_relatives(session(), actor(), case)
    children = children_of(session(), [case.id])[case.id]
    known = queries.identities_of(session(), actor(), case)
    today = clock.today()
    drawn = _drawn(children, relatives, {key for key, who in known.items() if who.has_died})
    return page(
        "family/show.html",
        children=[(child, full_name(child), age_text(child, today)) for child in children],
        relatives=[(row, full_name(row), age_text(row, today)) for row in relatives],
        whose={row.id: _whose(row, children) for row in relatives},
        elsewhere=queries.find_elsewhere(session(), actor(), case, relatives),
        known=known,
        others=other_documents(session(), [*known, *(row.person_id for row in relatives)]),
        document_words=document_words,
        drawing=draw(drawn),
        twins=_twins(drawn, children, relatives),
        partings=PARTING,
        relations=RELATION,
        documents=DOCUMENT,
        placements=PLACEMENT,
        may_write=case.is_open
        and not shown["access"].reads_only
        and actor().may("family.member.write"),
        today_on=today,
        **shown,
    )


def _whose(row: RelativeRow, children: Sequence[ChildRow]) -> str:
    if not row.child_ids:
        return ""
    names = [child.given_names or "—" for child in children if child.person_id in row.child_ids]
    return _("of %(names)s", names=", ".join(names))


def _twins(
    drawn: Sequence[Member], children: Sequence[ChildRow], relatives: Sequence[RelativeRow]
) -> dict[Hashable, str]:
    """Return in words with whom each child was born, as the drawing shows it."""
    people: list[ChildRow | RelativeRow] = [*children, *relatives]
    names: dict[Hashable, str] = {each.person_id: each.given_names or "—" for each in people}
    return {
        key: _("Born together with %(names)s", names=", ".join(names[other] for other in others))
        for key, others in of_one_birth(drawn).items()
        if others
    }


def _drawn(
    children: Sequence[ChildRow], relatives: Sequence[RelativeRow], died: Collection[UUID]
) -> list[Member]:
    today = clock.today()
    drawn = [
        Member(
            key=child.person_id,
            words=_words(child.given_names, child.first_surname, _short_age(child)),
            shape=Shape(child.sex.value),
            has_died=child.person_id in died,
            lives_with=child.placement is Placement.WITH_FAMILY,
            age=age_on(child, today),
            born_on=child.born_on,
        )
        for child in children
    ]
    for row in relatives:
        if not row.is_current(today):
            continue
        said = short_relation(row.relation, Sex(row.sex))
        said = _("%(relation)s, cares", relation=said) if row.is_caregiver else said
        drawn.append(
            Member(
                key=row.person_id,
                words=_words(row.given_names, row.first_surname, _short_age(row), said),
                shape=Shape(row.sex),
                relation=row.relation,
                of=row.child_ids,
                has_died=row.has_died,
                lives_with=row.lives_with,
                age=age_on(row, today),
                born_on=row.born_on,
                parting=row.parting,
            )
        )
    return drawn


def _short_age(person: ChildRow | RelativeRow) -> str:
    """Return the age as it stands in the drawing: ≈ where it is estimated."""
    age = age_on(person, clock.today())
    if person.born_on is not None or not age:
        return age_text(person, clock.today())
    return "≈ " + _n("%(num)s year", "%(num)s years", age)


def _words(*lines: str) -> tuple[str, ...]:
    """Return the lines under a figure; a long one is cut, the table has it whole."""
    return tuple(
        line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"
        for line in lines
        if line
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires("family.member.write")
def new(code: str) -> str | Response | tuple[str, int]:
    """Register siblings and the adults around them in one form."""
    case, shown = _to_write(code)
    children = children_of(session(), [case.id])[case.id]
    form = Form(inputs.RegisterFamily, initial=_shared_by(children))
    if form.done(
        lambda given: services.register_family(writing(), actor(), case.id, given) or True
    ):
        return _back(case)
    return form.page(
        "family/new.html",
        present=len(children),
        whereabouts=[(full_name(child), PLACEMENT[child.placement]) for child in children],
        sexes=sex_choices(children=True),
        adult_sexes=sex_choices(children=False),
        documents=document_choices(),
        relations=_choices(),
        placements=choices(PLACEMENT, *PLACEMENTS),
        most_children=inputs.MOST_CHILDREN,
        most_adults=inputs.MOST_ADULTS,
        **shown,
    )


def _shared_by(children: Sequence[ChildRow]) -> dict[str, str]:
    """Return what all the children of the case have in common, so that nobody types it.

    Their surnames, and with whom they are; the place itself is encrypted and read by few.
    """
    shared: dict[str, str] = {}
    surnames = {(child.first_surname, child.second_surname) for child in children}
    if len(surnames) == 1:
        shared["first_surname"], shared["second_surname"] = surnames.pop()
    placements = {child.placement for child in children}
    if len(placements) == 1 and placements <= set(PLACEMENTS):
        shared["placement"] = placements.pop().value
    return shared


def _choices() -> list[tuple[str, Any]]:
    return [(relation.value, label) for relation, label in RELATION.items()]


@blueprint.route("/add", methods=["GET", "POST"])
@requires("family.member.write")
def add(code: str) -> str | Response | tuple[str, int]:
    """Add one person to the family."""
    case, shown = _to_write(code)
    form = Form(inputs.AddRelative)
    if form.done(lambda given: services.add_relative(writing(), actor(), case.id, given)):
        return _back(case)
    return form.page("family/add.html", **_offered(case), **shown)


@blueprint.route("/<uuid:relative_id>", methods=["GET", "POST"])
@requires("family.member.write")
def edit(code: str, relative_id: UUID) -> str | Response | tuple[str, int]:
    """Change what a person is to the children."""
    case, shown = _to_write(code)
    _case, relative = services.to_write(session(), actor(), case.id, relative_id)
    initial = {
        name: getattr(relative, name)
        for name in inputs.EditRelative.model_fields
        if name != "child_ids"
    }
    initial["child_ids"] = queries.child_ids_of(session(), relative)
    form = Form(inputs.EditRelative, initial=initial, version=relative.row_version)
    if form.done(
        lambda given: services.edit_relative(
            writing(), actor(), case.id, relative_id=relative_id, given=given
        )
    ):
        return _back(case)
    person = queries.get_member(session(), actor(), case, relative.person_id)
    return form.page("family/edit.html", name=full_name(person), **_offered(case), **shown)


def _offered(case: Case) -> dict[str, Any]:
    today = clock.today()
    return {
        "relations": _choices(),
        "partings": [(parting.value, label) for parting, label in PARTING.items()],
        "children_choices": [
            (str(child.person_id), f"{full_name(child)}, {age_text(child, today)}")
            for child in children_of(session(), [case.id])[case.id]
        ],
        "sexes": sex_choices(children=False),
        "documents": document_choices(),
        "numbered": numbered_choices(),
    }


@blueprint.route("/<uuid:relative_id>/whereabouts", methods=["GET", "POST"])
@requires("family.member.read")
def whereabouts(code: str, relative_id: UUID) -> str | Response | tuple[str, int]:
    """Open where a relative is, which is recorded, and change it."""
    case, shown = _open(code)
    relative = queries.get_relative(session(), actor(), case, relative_id)
    text = ""
    if relative.whereabouts_sealed:
        if not queries.may_open(session(), actor(), relative):
            raise Forbidden(queries.CLOSED)
        if relative.recorded_by != actor().user_id:
            require_proof()
        text = queries.whereabouts_of(session(), actor(), case, relative)
    acts = case.is_open and not shown["access"].reads_only
    may_write = acts and relative.struck_at is None
    form = Form(
        inputs.SetWhereabouts,
        initial={"whereabouts": text, "whereabouts_open": relative.whereabouts_open},
        version=relative.row_version,
    )
    if may_write and form.done(
        lambda given: services.set_whereabouts(
            writing(), actor(), case.id, relative_id=relative_id, **given.model_dump()
        )
    ):
        return _back(case)
    person = queries.get_member(session(), actor(), case, relative.person_id)
    return form.page(
        "family/whereabouts.html", name=full_name(person), text=text, may_write=may_write, **shown
    )


@blueprint.route("/<uuid:relative_id>/strike", methods=["GET", "POST"])
@requires("family.member.write")
def strike(code: str, relative_id: UUID) -> str | Response | tuple[str, int]:
    """Strike somebody who does not belong to the family."""
    case, shown = _to_write(code)
    _case, relative = services.to_write(session(), actor(), case.id, relative_id)
    form = Form(inputs.StrikeRelative)
    if form.done(
        lambda given: services.strike_relative(
            writing(), actor(), case.id, relative_id=relative_id, reason=given.reason
        )
    ):
        return _back(case)
    person = queries.get_member(session(), actor(), case, relative.person_id)
    return form.page("family/strike.html", name=full_name(person), **shown)


@blueprint.route("/people/<uuid:person_id>", methods=["GET", "POST"])
@requires("family.member.write")
def identify(code: str, person_id: UUID) -> str | Response | tuple[str, int]:
    """Complete or correct who a child or an adult of the family is."""
    case, shown = _to_write(code)
    person = queries.get_member(session(), actor(), case, person_id)
    sealed = sealed_texts(session(), person)
    initial = {
        name: sealed[name] if name in sealed else getattr(person, name)
        for name in PersonDetails.model_fields
        if name != "documents"
    } | _documents_of(person)
    form = Form(PersonDetails, initial=initial, version=person.row_version)
    if form.done(
        lambda given: services.identify(
            writing(), actor(), case.id, person_id=person_id, given=given
        )
    ):
        return _back(case)
    child_ids = {child.person_id for child in children_of(session(), [case.id])[case.id]}
    return form.page(
        "family/identify.html",
        name=full_name(person),
        sexes=sex_choices(children=person_id in child_ids),
        documents=document_choices(),
        numbered=numbered_choices(),
        **shown,
    )


def _documents_of(person: Person) -> dict[str, Any]:
    """Return the documents beside the main one as the rows of the form hold them."""
    return {
        f"documents-{number}-{name}": getattr(each, name)
        for number, each in enumerate(other_documents(session(), [person.id])[person.id])
        for name in OtherDocument.model_fields
    }
