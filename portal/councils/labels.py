"""Words for the kinds and states of councils and their sessions."""

from collections.abc import Mapping
from typing import Any

from portal.commitments.labels import STATUS as COMMITMENT
from portal.councils.models import (
    AgreementStatus,
    BriefStatus,
    CouncilKind,
    How,
    ItemKind,
    ItemStatus,
    MeetingKind,
    MeetingStatus,
    Office,
    Sense,
    Standing,
)
from portal.texts import _l

COUNCIL = {
    CouncilKind.REGIONAL: _l("Regional council"),
    CouncilKind.PROVINCIAL: _l("Provincial council"),
    CouncilKind.LOCAL: _l("Local council"),
    CouncilKind.INTERINSTITUTIONAL: _l("Interinstitutional council"),
}
OFFICE = {
    Office.CHAIR: _l("Chair"),
    Office.SECRETARY: _l("Technical secretariat"),
    Office.MEMBER: _l("Member"),
}
STANDING = {Standing.TITULAR: _l("Titular"), Standing.ALTERNATE: _l("Alternate")}
MEETING = {
    MeetingKind.ORDINARY: _l("Ordinary session"),
    MeetingKind.EXTRAORDINARY: _l("Extraordinary session"),
}
STATUS = {
    MeetingStatus.DRAFT: _l("In preparation"),
    MeetingStatus.CONVENED: _l("Convened"),
    MeetingStatus.IN_SESSION: _l("In session"),
    MeetingStatus.RECESS: _l("In recess"),
    MeetingStatus.SUSPENDED: _l("Suspended"),
    MeetingStatus.CLOSED: _l("Session closed"),
    MeetingStatus.APPROVED: _l("Acta approved"),
    MeetingStatus.NOT_HELD: _l("Not held, no quorum"),
    MeetingStatus.CANCELLED: _l("Called off"),
}
ITEM = {
    ItemKind.MINUTES: _l("Acta of the session before"),
    ItemKind.FOLLOW_UP: _l("Follow-up of an agreement"),
    ItemKind.CASE: _l("Case"),
    ItemKind.UNANSWERED: _l("Referral without an answer"),
    ItemKind.POINT: _l("General point"),
}
ITEM_STATUS = {
    ItemStatus.PENDING: _l("Pending"),
    ItemStatus.DISCUSSED: _l("Dealt with"),
    ItemStatus.POSTPONED: _l("Left for another session"),
    ItemStatus.WITHDRAWN: _l("Taken off the agenda"),
}
BRIEF = {
    BriefStatus.REQUESTED: _l("Brief asked for"),
    BriefStatus.WRITTEN: _l("Brief waits for approval"),
    BriefStatus.APPROVED: _l("Brief approved"),
    BriefStatus.DECLINED: _l("Brief declined"),
}
AGREEMENT = {
    AgreementStatus.PROPOSED: _l("To be accepted"),
    AgreementStatus.ACCEPTED: _l("Taken on"),
    AgreementStatus.OBJECTED: _l("Objected to"),
    AgreementStatus.WITHDRAWN: _l("Taken back"),
}
HOW = {How.CONSENSUS: _l("By consensus"), How.VOTES: _l("By votes")}
SENSE = {
    Sense.FOR: _l("For"),
    Sense.AGAINST: _l("Against"),
    Sense.ABSTAINED: _l("Abstained"),
}
DETAIL = {
    "district": _l("District"),
    "age": _l("Exact age"),
    "crime": _l("Crime"),
    "illness": _l("Illness"),
}


def choices(words: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """Return (value, label) pairs for a form."""
    return [(value.value, label) for value, label in words.items()]


__all__ = ["AGREEMENT", "BRIEF", "COMMITMENT", "COUNCIL", "DETAIL", "HOW", "ITEM", "ITEM_STATUS"]
__all__ += ["MEETING", "OFFICE", "SENSE", "STANDING", "STATUS", "choices"]
