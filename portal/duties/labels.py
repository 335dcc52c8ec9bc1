"""Words for signs and for the states of a notice."""

from portal.duties.models import DutyStatus, Sign
from portal.texts import _l

SIGN = {
    Sign.CRIME: _l("A crime against the child"),
    Sign.SEXUAL_VIOLENCE: _l("Sexual violence"),
    Sign.INJURIES: _l("Injuries"),
    Sign.TRAFFICKING: _l("Trafficking, or recruitment by a gang"),
    Sign.FAMILY_VIOLENCE: _l("Violence within the family"),
    Sign.SCHOOL_STAFF: _l("Staff of a school is suspected"),
    Sign.FOREIGN_CHILD: _l("Child of another nationality"),
    Sign.MISSING: _l("Missing, or left the place of care without permission"),
    Sign.UNPROTECTION: _l("Unprotection, on a case of risk"),
    Sign.GIVEN_UP: _l("Mother or father wants to give up care"),
    Sign.NEWBORN_HANDED: _l("Newborn handed to a person or family"),
    Sign.PRISON_MISTREATMENT: _l("Mistreated while living with the mother in a prison"),
    Sign.CONCLUSION: _l("Conclusion of the procedure"),
}
STATUS = {
    DutyStatus.OWED: _l("Nobody was told"),
    DutyStatus.SENT: _l("Sent, not confirmed"),
    DutyStatus.CONFIRMED: _l("Confirmed"),
    DutyStatus.REFUSED: _l("Not to be told, with a reason"),
    DutyStatus.DROPPED: _l("No longer owed: the sign was a mistake"),
}
