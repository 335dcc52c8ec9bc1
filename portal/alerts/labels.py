"""Words for the states and signs of an alert."""

from portal.alerts.models import AlertStatus, ArchiveKind, Sign
from portal.texts import _l

STATUS = {
    AlertStatus.DRAFT: _l("Draft"),
    AlertStatus.SENT: _l("Waiting to be attended"),
    AlertStatus.ACCEPTED: _l("Accepted"),
    AlertStatus.JOINED: _l("Joined to a case"),
    AlertStatus.PASSED_ON: _l("Passed on"),
    AlertStatus.ARCHIVED: _l("Archived"),
    AlertStatus.WITHDRAWN: _l("Withdrawn"),
}
SIGN = {
    Sign.ALONE_TONIGHT: _l("Will spend tonight without an adult to care for them"),
    Sign.INJURIES: _l("Injuries or signs of physical violence"),
    Sign.SEXUAL_VIOLENCE: _l("Signs of sexual violence"),
    Sign.RECRUITMENT: _l("Trafficking or recruitment by a gang"),
    Sign.STREET: _l("Lives in the street"),
    Sign.PARENT_IN_PRISON: _l("Mother or father in prison"),
    Sign.PARENT_IN_HOSPITAL: _l("Mother or father in hospital"),
    Sign.ORPHAN: _l("Mother or father dead"),
    Sign.NO_SCHOOL: _l("Does not go to school"),
    Sign.NO_DOCUMENT: _l("Has no DNI"),
}
ARCHIVE = {
    ArchiveKind.NO_RISK: _l("There is neither risk nor unprotection"),
    ArchiveKind.NOT_FOUND: _l("The children could not be found"),
    ArchiveKind.HOAX: _l("It was not true"),
    ArchiveKind.CUSTODY_DISPUTE: _l("A dispute over custody between parents"),
}
