"""Words for who is who in a family."""

from typing import Any

from portal.family.models import Parting, Relation
from portal.people.models import Sex
from portal.texts import _l

RELATION = {
    Relation.MOTHER: _l("Mother"),
    Relation.FATHER: _l("Father"),
    Relation.MATERNAL_GRANDPARENT: _l("Grandparent, mother's side"),
    Relation.PATERNAL_GRANDPARENT: _l("Grandparent, father's side"),
    Relation.GRANDPARENT: _l("Grandparent"),
    Relation.MATERNAL_AUNT_UNCLE: _l("Aunt or uncle, mother's side"),
    Relation.PATERNAL_AUNT_UNCLE: _l("Aunt or uncle, father's side"),
    Relation.AUNT_UNCLE: _l("Aunt or uncle"),
    Relation.SIBLING: _l("Sister or brother"),
    Relation.STEPPARENT: _l("Partner of the mother or father"),
    Relation.COUSIN: _l("Cousin"),
    Relation.GUARDIAN: _l("Legal guardian"),
    Relation.CARER: _l("Carer who is no relative"),
    Relation.OTHER: _l("Other person of the family"),
}

PARTING = {
    Parting.SEPARATED: _l("Separated from the other parent"),
    Parting.DIVORCED: _l("Divorced from the other parent"),
}

# What a woman, a man and a person of unknown sex are called in the drawing, where the side of the
# family is seen from the lines.
_GRANDPARENT = (_l("grandmother"), _l("grandfather"), _l("grandparent"))
_AUNT_UNCLE = (_l("aunt"), _l("uncle"), _l("aunt or uncle"))
_SHORT: dict[Relation, tuple[Any, Any, Any]] = {
    Relation.MOTHER: (_l("mother"),) * 3,
    Relation.FATHER: (_l("father"),) * 3,
    Relation.MATERNAL_GRANDPARENT: _GRANDPARENT,
    Relation.PATERNAL_GRANDPARENT: _GRANDPARENT,
    Relation.GRANDPARENT: _GRANDPARENT,
    Relation.MATERNAL_AUNT_UNCLE: _AUNT_UNCLE,
    Relation.PATERNAL_AUNT_UNCLE: _AUNT_UNCLE,
    Relation.AUNT_UNCLE: _AUNT_UNCLE,
    Relation.SIBLING: (_l("sister"), _l("brother"), _l("sister or brother")),
    Relation.STEPPARENT: (_l("partner"),) * 3,
    Relation.COUSIN: (_l("cousin (female)"), _l("cousin (male)"), _l("cousin")),
    Relation.GUARDIAN: (_l("guardian (female)"), _l("guardian (male)"), _l("guardian")),
    Relation.CARER: (_l("no relative"),) * 3,
    Relation.OTHER: (_l("other relative"),) * 3,
}


def short_relation(relation: Relation, sex: Sex) -> str:
    """Return what a person is to the children in a word or two."""
    return str(_SHORT[relation][list(Sex).index(sex)])
