"""The rules of mandatory notices as data."""

import pytest

from portal.actor import AgencyKind
from portal.deadlines import Unit, rules
from portal.duties.catalogue import NOTICES, notices_of
from portal.duties.labels import SIGN, STATUS
from portal.duties.models import DutyStatus, Sign


@pytest.mark.parametrize(
    ("sign", "told"),
    [
        (Sign.CRIME, {"prosecutor"}),
        (Sign.FAMILY_VIOLENCE, {"police", "court"}),
        (Sign.SCHOOL_STAFF, {"ugel", "prosecutor"}),
        (Sign.FOREIGN_CHILD, {"consulate"}),
        (Sign.MISSING, {"missing"}),
        (Sign.UNPROTECTION, {"unprotection"}),
        (Sign.PRISON_MISTREATMENT, {"prosecutor", "prison"}),
    ],
)
def test_a_sign_obliges_a_demuna_to_tell(sign: Sign, told: set[str]) -> None:
    found = notices_of(sign, AgencyKind.DEMUNA)
    assert {each.code.removeprefix("core.notice.") for each in found} == told


def test_whoever_would_be_told_owes_it_to_nobody() -> None:
    assert notices_of(Sign.UNPROTECTION, AgencyKind.UPE) == []
    court = {each.code for each in notices_of(Sign.FAMILY_VIOLENCE, AgencyKind.COURT)}
    assert court == {"core.notice.police"}


def test_every_rule_stands_with_its_norm_among_the_terms() -> None:
    assert {sign for notice in NOTICES for sign in notice.signs} == set(Sign)
    for notice in NOTICES:
        term = rules.get(notice.code)
        assert all(str(text) for text in (term.title, term.act_owed, term.source, notice.asked))
        assert notice.to
        # What the law leaves open may be read otherwise, and says why.
        assert bool(term.readings) == bool(str(term.doubt)), notice.code
        is_confirmed = term.source in {"R 23.4", "R 23.8", "R 65.1.c"}
        assert is_confirmed or term.readings, notice.code
    assert rules.get("core.notice.ugel").unit is Unit.BUSINESS_DAYS
    assert rules.get("core.notice.prosecutor").length == 24


def test_every_sign_and_state_has_its_words() -> None:
    assert set(SIGN) == set(Sign)
    assert set(STATUS) == set(DutyStatus)
