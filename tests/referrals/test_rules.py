"""The minimum of identity by kind of agency."""

from portal.actor import AgencyKind
from portal.referrals.labels import FIELD, OUTCOME, REASON, STATUS
from portal.referrals.models import INSTEAD, Outcome, ReferralStatus, ReturnReason
from portal.referrals.rules import IdentityField, minimum_for


def test_no_kind_of_agency_gets_everything() -> None:
    for kind in AgencyKind:
        assert set(minimum_for(kind)) < set(IdentityField), kind
    assert minimum_for(AgencyKind.PRISON) == (IdentityField.PARENTS,)
    assert minimum_for(AgencyKind.CIVIL_SOCIETY) == ()


def test_every_field_state_and_reason_has_its_words() -> None:
    assert set(FIELD) == set(IdentityField)
    assert set(OUTCOME) == set(Outcome)
    assert set(REASON) == set(ReturnReason)
    assert set(STATUS) == set(INSTEAD) == set(ReferralStatus)
