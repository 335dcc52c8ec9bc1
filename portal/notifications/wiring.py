"""Who is told of what: the events of the lower contexts turned into notices."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from portal import events
from portal.access.events import DayGathered, StaffSessionOpened
from portal.access.queries import attending, has_users, people_with
from portal.access.restoring import helpers
from portal.actor import Role
from portal.agencies.queries import get_agency
from portal.alerts.events import (
    AlertAccepted,
    AlertArchived,
    AlertCalled,
    AlertEscalated,
    AlertJoined,
    AlertPassedOn,
    AlertSent,
)
from portal.alerts.models import Alert
from portal.cases.events import (
    CaseAssigned,
    CaseClosed,
    CaseReopened,
    CasesPassed,
    EmergencyOpened,
    EmergencyRefused,
    EmergencyReviewed,
    EntryMentioned,
    LeadChanged,
    PartyAdded,
    PartyEnding,
    PersonAbstained,
    TermsMoved,
)
from portal.cases.models import Case, Closing, Verdict
from portal.cases.queries import assigned_to
from portal.cases.visibility import current_parties
from portal.cases.walking import owners_of_moved
from portal.commitments.events import (
    CommitmentAccepted,
    CommitmentDone,
    CommitmentNotMet,
    CommitmentObjected,
    CommitmentPostponed,
    CommitmentProposed,
    CommitmentVerified,
    CommitmentWithdrawn,
)
from portal.commitments.models import Commitment
from portal.councils.events import AgreementRecorded, BriefRequested, MeetingConvened
from portal.councils.models import Agreement, Meeting
from portal.councils.queries import list_seats
from portal.duplicates.events import MatchTold
from portal.duties.events import DutiesMoved, DutyConfirmed, DutyLate, DutyOwed
from portal.duties.models import Duty
from portal.events import Event
from portal.followups.events import FollowUpsMoved
from portal.interviews.events import InterviewRecorded
from portal.lists.events import ListChecked, ListSent
from portal.lists.models import AlertList
from portal.notifications.services import tell, tell_agency
from portal.plans.events import PlanApproved
from portal.plans.queries import owing
from portal.referrals.events import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralPassedOn,
    ReferralReturned,
    ReferralSent,
    ReferralSilent,
)
from portal.referrals.models import Referral, Silence
from portal.sharing.events import LeadDeclined, LeadKept
from portal.sharing.models import TransferState
from portal.texts import msgid
from portal.users.events import FactorChanged, RecoveryCodeUsed, ResetAsked
from portal.users.models import ResetRequest


def _alert_for(session: Session, event: AlertSent | AlertEscalated | AlertPassedOn) -> None:
    alert = session.get_one(Alert, event.alert_id)
    if isinstance(event, AlertSent) and alert.is_of_list:
        return
    tell_agency(
        session,
        event.agency_id,
        origin=f"alert:{event.alert_id}:{event.agency_id}",
        text=msgid("An alert waits for you: %(code)s"),
        facts={"code": alert.code},
        url=f"/alerts/{event.alert_id}",
    )


def _list_for(session: Session, event: ListSent) -> None:
    tell_agency(
        session,
        event.agency_id,
        origin=f"list:{event.list_id}:{event.agency_id}",
        text=msgid("The alerts of list %(number)s wait for you"),
        facts={"number": session.get_one(AlertList, event.list_id).number},
        url=f"/alerts?list={event.list_id}",
    )


def _list_checked(session: Session, event: ListChecked) -> None:
    made = session.get_one(AlertList, event.list_id)
    tell(
        session,
        [made.author_id],
        agency_id=made.agency_id,
        origin=f"list:{made.id}:checked",
        text=msgid("Your list %(number)s was read: decide what is sent"),
        facts={"number": made.number},
        url=f"/lists/{made.id}",
    )


def _alert_called(session: Session, event: AlertCalled) -> None:
    tell(
        session,
        [event.user_id],
        agency_id=event.agency_id,
        origin=f"alert:{event.alert_id}:called",
        text=msgid("Nobody has opened alert %(code)s: you come next on the roster"),
        facts={"code": session.get_one(Alert, event.alert_id).code},
        url=f"/alerts/{event.alert_id}",
    )


# What whoever sent an alert may know of it: how it ended, not why.
OUTCOMES: dict[type[Event], str] = {
    AlertAccepted: msgid("Your alert %(code)s was accepted"),
    AlertJoined: msgid("Your alert %(code)s was joined to a case that was open already"),
    AlertArchived: msgid("Your alert %(code)s was archived"),
}


def _alert_ended(session: Session, event: AlertAccepted | AlertJoined | AlertArchived) -> None:
    alert = session.get_one(Alert, event.alert_id)
    if alert.author_id is not None and not alert.is_of_list:
        tell(
            session,
            [alert.author_id],
            agency_id=alert.sender_id,
            origin=f"alert:{alert.id}:ended",
            text=OUTCOMES[type(event)],
            facts={"code": alert.code},
            url=f"/alerts/{alert.id}",
        )


MATCH_TEXT = {
    "found": msgid("%(code)s: another record may be of the same child"),
    "carer": msgid("%(code)s: the same adult may take care in another record"),
    "open": msgid("%(code)s: whether it is the same person is open again"),
    "linked": msgid("%(code)s: both agree that it is the same person"),
    "merged": msgid("%(code)s: both cases were merged"),
    "different": msgid("%(code)s: it is another person"),
    "undone": msgid("%(code)s: the merge was undone"),
}


def _match_told(session: Session, event: MatchTold) -> None:
    tell_agency(
        session,
        event.agency_id,
        origin=f"match:{event.match_id}:{event.agency_id}:{event.what}",
        text=MATCH_TEXT[event.what],
        facts={"code": event.code},
        url=f"/duplicates/{event.match_id}",
    )


def _party_added(session: Session, event: PartyAdded) -> None:
    case = session.get_one(Case, event.case_id)
    tell_agency(
        session,
        event.agency_id,
        origin=f"party:{case.id}:{event.agency_id}:{event.level}",
        text=msgid("Your institution comes onto case %(code)s"),
        facts={"code": case.code},
        url=f"/cases/{case.code}",
    )


def _lead_declined(session: Session, event: LeadDeclined) -> None:
    """Tell the authority that has to accept, and all institutions of the case (R 161.1)."""
    code = session.get_one(Case, event.case_id).code
    tell_agency(
        session,
        event.to_agency_id,
        origin=f"transfer:{event.transfer_id}:{event.to_agency_id}",
        text=msgid("Competence of case %(code)s was declined in your favour: accept or return it"),
        facts={"code": code},
        url=f"/transfers/{event.transfer_id}",
    )
    text = msgid("The institution in charge of case %(code)s declines its competence")
    others = {event.from_agency_id, event.to_agency_id}
    _tell_parties(session, event.case_id, f"transfer:{event.transfer_id}", text, but=others)


def _lead_changed(session: Session, event: LeadChanged) -> None:
    text = msgid("Another institution is in charge of case %(code)s")
    origin = f"lead:{event.transfer_id}"
    _tell_parties(session, event.case_id, origin, text, but={event.lead_agency_id})


def _lead_kept(session: Session, event: LeadKept) -> None:
    """Tell all that the institution in charge stays, and the other that nothing waits any more."""
    code = session.get_one(Case, event.case_id).code
    origin = f"transfer:{event.transfer_id}:{event.state}"
    text = msgid("Case %(code)s stays with the institution in charge")
    returned = event.state == TransferState.RETURNED
    but = {event.to_agency_id} if returned else {event.lead_agency_id, event.to_agency_id}
    _tell_parties(session, event.case_id, origin, text, but=but)
    if not returned:
        tell_agency(
            session,
            event.to_agency_id,
            origin=f"{origin}:{event.to_agency_id}",
            text=text,
            facts={"code": code},
            url="/",
        )


def _tell_parties(
    session: Session, case_id: UUID, origin: str, text: str, *, but: Collection[UUID]
) -> None:
    """Tell every institution that is on a case now, but some."""
    code = session.get_one(Case, case_id).code
    for agency_id in current_parties(session, case_id):
        if agency_id not in but:
            tell_agency(
                session,
                agency_id,
                origin=f"{origin}:{agency_id}",
                text=text,
                facts={"code": code},
                url=f"/cases/{code}",
            )


CLOSING_TEXT = {
    CaseClosed: msgid("Case %(code)s was closed"),
    CaseReopened: msgid("Case %(code)s was reopened: its work goes on"),
}


def _closed_or_reopened(session: Session, event: CaseClosed | CaseReopened) -> None:
    """Tell the other institutions of a case that its work ended, or goes on: of each end once."""
    case = session.get_one(Case, event.case_id)
    last = session.scalar(
        sa.select(col(Closing.id))
        .where(col(Closing.case_id) == case.id)
        .order_by(col(Closing.at).desc())
        .limit(1)
    )
    origin = f"{type(event).__name__}:{last or case.id}"
    text = CLOSING_TEXT[type(event)]
    _tell_parties(session, case.id, origin, text, but={case.lead_agency_id})


def _assigned(session: Session, event: CaseAssigned) -> None:
    case = session.get_one(Case, event.case_id)
    tell(
        session,
        [event.user_id],
        agency_id=event.agency_id,
        origin=f"assigned:{case.id}:{event.user_id}",
        text=msgid("Case %(code)s was assigned to you"),
        facts={"code": case.code},
        url=f"/cases/{case.code}",
    )


def _mentioned(session: Session, event: EntryMentioned) -> None:
    """Tell somebody of an entry that mentions them; what it says is read on the case."""
    code = session.get_one(Case, event.case_id).code
    tell(
        session,
        [event.user_id],
        agency_id=event.agency_id,
        origin=f"mention:{event.entry_id}",
        text=msgid("You are mentioned in an entry of case %(code)s"),
        facts={"code": code},
        url=f"/cases/{code}/entries",
    )


def _passed(session: Session, event: CasesPassed) -> None:
    """Tell whoever receives cases, and whoever had them, once of all of them."""
    texts = {
        event.to_id: msgid("Cases were passed on to you: %(count)s"),
        event.from_id: msgid("Cases of yours were passed on to another person: %(count)s"),
    }
    for user_id, text in texts.items():
        if user_id is not None:
            tell(
                session,
                [user_id],
                agency_id=event.agency_id,
                origin=f"passed:{event.act_id}",
                text=text,
                facts={"count": str(event.count)},
                url="/cases?mine=1",
            )


def _day(session: Session, event: DayGathered) -> None:
    """Tell a person what the day brings, and a coordinator what others let pass."""
    facts = {
        "protection": str(event.protection),
        "late": str(event.late),
        "soon": str(event.soon),
        "total": str(event.total),
    }
    pressing = msgid(
        "Your day: immediate protection %(protection)s, late %(late)s, in all %(total)s"
    )
    ordinary = msgid("Your day: late %(late)s, about to run out %(soon)s, in all %(total)s")
    day, agency = event.day.isoformat(), event.agency_id
    if event.total:
        tell(
            session,
            [event.user_id],
            agency_id=agency,
            origin=f"day:{day}:{agency}",
            text=pressing if event.protection else ordinary,
            facts=facts,
            url="/",
        )
    if event.let_pass:
        tell(
            session,
            [event.user_id],
            agency_id=agency,
            origin=f"let_pass:{day}:{agency}",
            text=msgid("What others let pass: terms expired on their cases: %(count)s"),
            facts={"count": str(event.let_pass)},
            url="/load",
        )


def _emergency_opened(session: Session, event: EmergencyOpened) -> None:
    reviewers: dict[UUID, tuple[Role, ...]] = {
        event.lead_agency_id: (Role.COORDINATOR, Role.PRIVACY_OFFICER)
    }
    if event.agency_id != event.lead_agency_id:
        reviewers[event.agency_id] = (Role.PRIVACY_OFFICER,)
    _tell_roles(
        session,
        event,
        reviewers,
        origin=f"emergency:{event.grant_id}",
        text=msgid("Emergency access to case %(code)s: it waits for your review"),
        url=f"/emergency/{event.grant_id}",
    )


def _emergency_refused(session: Session, event: EmergencyRefused) -> None:
    _tell_roles(
        session,
        event,
        {event.lead_agency_id: (Role.COORDINATOR, Role.PRIVACY_OFFICER)},
        origin=f"emergency:{event.lookup_id}:refused",
        text=msgid("Somebody to whom case %(code)s is closed asked for it by emergency access"),
        url="/",
    )


def _emergency_reviewed(session: Session, event: EmergencyReviewed) -> None:
    if event.verdict == Verdict.JUSTIFIED:
        return
    case = session.get_one(Case, event.case_id)
    officers = people_with(session, event.agency_id, Role.PRIVACY_OFFICER)
    tell(
        session,
        {event.user_id, *(user_id for user_id, _name in officers)},
        agency_id=event.agency_id,
        origin=f"emergency:{event.grant_id}:reviewed",
        text=msgid("An emergency access to case %(code)s was found not justified"),
        facts={"code": case.code},
        url="/",
    )


def _tell_roles(
    session: Session,
    event: EmergencyOpened | EmergencyRefused,
    roles: dict[UUID, tuple[Role, ...]],
    *,
    origin: str,
    text: str,
    url: str,
) -> None:
    """Tell those of some roles in some agencies, but never the person whom it is about."""
    code = session.get_one(Case, event.case_id).code
    for agency_id, wanted in roles.items():
        people = {user_id for user_id, _name in people_with(session, agency_id, *wanted)}
        tell(
            session,
            people - {event.user_id},
            agency_id=agency_id,
            origin=origin,
            text=text,
            facts={"code": code},
            url=url,
        )


def _looked_at(session: Session, event: StaffSessionOpened) -> None:
    told = people_with(session, event.agency_id, Role.COORDINATOR, Role.PRIVACY_OFFICER)
    tell(
        session,
        {user_id for user_id, _name in told} - {event.user_id},
        agency_id=event.agency_id,
        origin=f"staff:{event.staff_session_id}",
        text=msgid("An administrator opened a staff session at your institution"),
        url=f"/staff-session/{event.staff_session_id}",
    )


def _abstained(session: Session, event: PersonAbstained) -> None:
    code = session.get_one(Case, event.case_id).code
    people = {each for each, _name in people_with(session, event.agency_id, Role.COORDINATOR)}
    tell(
        session,
        people - {event.user_id},
        agency_id=event.agency_id,
        origin=f"abstained:{event.case_id}:{event.user_id}",
        text=msgid("Somebody abstained from case %(code)s: assign somebody else"),
        facts={"code": code},
        url=f"/cases/{code}/assign",
    )


def _party_ending(session: Session, event: PartyEnding) -> None:
    code = session.get_one(Case, event.case_id).code
    tell_agency(
        session,
        event.lead_agency_id,
        origin=f"party:{event.party_id}:ending",
        text=msgid("The access of an institution to case %(code)s ends soon"),
        facts={"code": code},
        url=f"/cases/{code}/who",
    )


def _terms_moved(session: Session, event: TermsMoved) -> None:
    """Tell each owner once of all terms that moved: who attends to the agency, who is assigned."""
    for user_id, moved in owners_of_moved(session, event.agency_id, event.moved_at).items():
        first = moved[0]
        one = len(moved) == 1
        tell(
            session,
            [user_id],
            agency_id=event.agency_id,
            origin=f"terms:{event.agency_id}:{event.moved_at.isoformat()}",
            text=msgid(
                "Case %(code)s: a change of calendar moved a term from %(before)s to %(after)s"
            )
            if one
            else msgid(
                "A change of calendar moved %(count)s of your terms: see from which day to which"
            ),
            facts={
                "code": first.code,
                "before": f"{first.before:%d/%m/%Y}",
                "after": f"{first.after:%d/%m/%Y}",
            }
            if one
            else {"count": str(len(moved))},
            url=f"/cases/{first.code}" if one else "/terms?state=moved",
        )


def _referral_for_receiver(session: Session, event: ReferralSent | ReferralPassedOn) -> None:
    referral = session.get_one(Referral, event.referral_id)
    _referral(session, referral, event.to_agency_id, msgid("A referral waits for you"))


def _referral_for_sender(
    session: Session, event: ReferralAccepted | ReferralReturned | ReferralAnswered
) -> None:
    words = {
        "ReferralAccepted": msgid("Your referral was accepted"),
        "ReferralReturned": msgid("Your referral was returned with a reason"),
        "ReferralAnswered": msgid("Your referral was answered"),
    }
    referral = session.get_one(Referral, event.referral_id)
    _referral(session, referral, referral.from_agency_id, words[type(event).__name__])


def _referral(session: Session, referral: Referral, agency_id: UUID, text: str) -> None:
    tell_agency(
        session,
        agency_id,
        origin=f"referral:{referral.id}:{text}",
        text=text,
        url=f"/referrals/{referral.id}",
        case_id=referral.case_id,
    )


SILENT_TEXT = {
    Silence.REMINDED: msgid("%(code)s: a referral still waits for your word"),
    Silence.COORDINATOR: msgid("%(code)s: your institution owes an answer to a referral"),
    Silence.HEAD: msgid("%(code)s: a referral has no answer; the letter to the head is ready"),
    Silence.COUNCIL: msgid("%(code)s: a referral without an answer goes to the council"),
}


def _silent(session: Session, event: ReferralSilent) -> None:
    """Tell who should hear of a silence next; of the last two steps its sender signs or follows."""
    referral, step = session.get_one(Referral, event.referral_id), Silence(event.step)
    origin = f"referral:{referral.id}:{step}:{referral.silence_at}"
    facts = {"code": session.get_one(Case, event.case_id).code}
    to_sender = step in (Silence.HEAD, Silence.COUNCIL)
    agency_id = referral.from_agency_id if to_sender else referral.to_agency_id
    if step is Silence.REMINDED and not has_users(session, agency_id):
        agency_id = referral.from_agency_id
    if step is Silence.COORDINATOR:
        people = {each for each, _name in people_with(session, agency_id, Role.COORDINATOR)}
    else:
        assigned = {each for each, _name in assigned_to(session, event.case_id, agency_id)}
        people = attending(session, agency_id) | assigned
    url = f"/referrals/{referral.id}"
    tell(
        session,
        people,
        agency_id=agency_id,
        origin=origin,
        text=SILENT_TEXT[step],
        facts=facts,
        url=url,
    )
    parent_id = get_agency(session, referral.to_agency_id).parent_id
    if step is Silence.COORDINATOR and parent_id is not None:
        tell(
            session,
            {each for each, _name in people_with(session, parent_id, Role.COORDINATOR)},
            agency_id=parent_id,
            origin=f"{origin}:parent",
            text=msgid("%(name)s, a unit of yours, owes an answer to a referral: ask it"),
            facts={"name": get_agency(session, referral.to_agency_id).name},
            url="/referrals",
            case_id=referral.case_id,
        )


def _commitment(
    session: Session,
    event: CommitmentProposed
    | CommitmentAccepted
    | CommitmentDone
    | CommitmentPostponed
    | CommitmentObjected
    | CommitmentVerified
    | CommitmentNotMet
    | CommitmentWithdrawn,
) -> None:
    """Tell whoever proposed it of the answer, whoever verifies it of what comes, who owes the rest.

    Each postponement is told by itself.
    """
    commitment = session.get_one(Commitment, event.commitment_id)
    words = {
        "CommitmentAccepted": (commitment.proposer_id, msgid("A commitment was accepted")),
        "CommitmentPostponed": (commitment.verified_by, msgid("A commitment was postponed")),
        "CommitmentNotMet": (commitment.agency_id, msgid("Your commitment was found not met")),
        "CommitmentProposed": (commitment.agency_id, msgid("A commitment is proposed to you")),
        "CommitmentDone": (commitment.verified_by, msgid("A commitment waits for verification")),
        "CommitmentObjected": (commitment.proposer_id, msgid("A commitment was objected to")),
        "CommitmentVerified": (commitment.agency_id, msgid("Your commitment was verified")),
        "CommitmentWithdrawn": (commitment.agency_id, msgid("Your commitment was withdrawn")),
    }
    agency_id, text = words[type(event).__name__]
    time = len(commitment.postponements) if isinstance(event, CommitmentPostponed) else ""
    if agency_id is not None:
        tell_agency(
            session,
            agency_id,
            origin=f"commitment:{commitment.id}:{type(event).__name__}{time}",
            text=text,
            url=f"/commitments/{commitment.id}",
            case_id=commitment.case_id,
        )


DUTY_TEXT: dict[type[Event], str] = {
    DutyOwed: msgid("Case %(code)s: a mandatory notice must be given"),
    DutyLate: msgid("Case %(code)s: nobody confirmed a mandatory notice in its term"),
    DutyConfirmed: msgid("Case %(code)s: a mandatory notice was confirmed"),
}


def _duty(session: Session, event: DutyOwed | DutyLate | DutyConfirmed) -> None:
    """Tell who works on the case of what is owed, the coordinators of what is late."""
    case = session.get_one(Case, event.case_id)
    duty = session.get_one(Duty, event.duty_id)
    if isinstance(event, DutyLate):
        people = {each for each, _name in people_with(session, event.agency_id, Role.COORDINATOR)}
    else:
        people = {user_id for user_id, _name in assigned_to(session, case.id, event.agency_id)}
    if isinstance(event, DutyConfirmed) and duty.sent_by is not None:
        people.add(duty.sent_by)
    tell(
        session,
        people,
        agency_id=event.agency_id,
        origin=f"duty:{event.duty_id}:{type(event).__name__}",
        text=DUTY_TEXT[type(event)],
        facts={"code": case.code},
        url=f"/cases/{case.code}/duties",
    )


def _duties_moved(session: Session, event: DutiesMoved) -> None:
    tell_agency(
        session,
        event.agency_id,
        origin=f"duties:{event.agency_id}:{event.moved_at.isoformat()}",
        text=msgid("A change of calendar moved a mandatory notice of yours: see its new day")
        if event.count == 1
        else msgid(
            "A change of calendar moved %(count)s of your mandatory notices: see their new days"
        ),
        facts={"count": str(event.count)},
        url="/",
    )


def _followups_moved(session: Session, event: FollowUpsMoved) -> None:
    case = session.get_one(Case, event.case_id) if event.case_id else None
    tell_agency(
        session,
        event.agency_id,
        origin=f"followups:{event.agency_id}:{event.moved_at.isoformat()}",
        text=msgid("Case %(code)s: a change of calendar moved the end of the follow-up")
        if case
        else msgid("A change of calendar moved the end of %(count)s of your follow-ups"),
        facts={"code": case.code} if case else {"count": str(event.count)},
        url=f"/cases/{case.code}/follow-up" if case else "/",
    )


def _plan_approved(session: Session, event: PlanApproved) -> None:
    """Tell who intervenes and answers for an activity; who collaborates reads no plan."""
    case = session.get_one(Case, event.case_id)
    for agency_id in owing(session, event.plan_id, event.version):
        tell_agency(
            session,
            agency_id,
            origin=f"plan:{event.plan_id}:{event.version}:{agency_id}",
            text=msgid("Case %(code)s: a work plan with activities of yours was approved")
            if event.version == 1
            else msgid("Case %(code)s: a work plan with activities of yours was changed"),
            facts={"code": case.code},
            url=f"/cases/{case.code}/plans/{event.plan_id}",
        )


def _heard(session: Session, event: InterviewRecorded) -> None:
    """Tell the institution in charge that another one heard a child."""
    case = session.get_one(Case, event.case_id)
    if event.author_agency_id == case.lead_agency_id:
        return
    tell_agency(
        session,
        case.lead_agency_id,
        origin=f"interview:{event.interview_id}",
        text=msgid("Case %(code)s: another institution heard a child"),
        facts={"code": case.code},
        url=f"/cases/{case.code}/interviews",
    )


def _convened(session: Session, event: MeetingConvened) -> None:
    meeting = session.get_one(Meeting, event.meeting_id)
    for seat in list_seats(session, event.council_id):
        tell(
            session,
            [person.user_id for person in seat.people if person.user_id is not None],
            agency_id=seat.agency_id,
            origin=f"meeting:{meeting.id}:convened:{seat.id}",
            text=msgid("Session %(number)s of the council is called"),
            facts={"number": str(meeting.number)},
            url=f"/sessions/{meeting.id}",
        )


def _brief_wanted(session: Session, event: BriefRequested) -> None:
    case = session.get_one(Case, event.case_id)
    tell_agency(
        session,
        event.lead_agency_id,
        origin=f"brief:{event.item_id}:wanted",
        text=msgid("The council asks for a brief of case %(code)s"),
        facts={"code": case.code},
        url=f"/briefs/{event.item_id}",
    )


def _agreed(session: Session, event: AgreementRecorded) -> None:
    tell_agency(
        session,
        event.agency_id,
        origin=f"agreement:{event.agreement_id}",
        text=msgid("The council agreed something that you are to accept"),
        url=f"/agreements/{event.agreement_id}",
        case_id=session.get_one(Agreement, event.agreement_id).case_id,
    )


def _own_factor(session: Session, event: FactorChanged | RecoveryCodeUsed) -> None:
    used = isinstance(event, RecoveryCodeUsed)
    tell(
        session,
        [event.user_id],
        agency_id=event.agency_id,
        origin=f"factor:{event.user_id}:{event.at.isoformat()}",
        text=msgid("A recovery code of yours opened your account. If it was not you, tell us now.")
        if used
        else msgid("What opens your account changed. If it was not you, tell us now."),
        url="/me",
    )


def _reset_asked(session: Session, event: ResetAsked) -> None:
    request = session.get_one(ResetRequest, event.request_id)
    for user_id, agency_id in helpers(session, event.user_id):
        if user_id != request.asked_by:
            tell(
                session,
                [user_id],
                agency_id=agency_id,
                origin=f"reset:{request.id}:{user_id}",
                text=msgid("A colleague lost what opens the account and waits for your word"),
                url=f"/recovery/{request.id}",
            )


def register() -> None:
    """Hear of what people should know."""
    told: tuple[tuple[type[Event], Callable[[Session, Any], None]], ...] = (
        (AlertSent, _alert_for),
        (AlertEscalated, _alert_for),
        (AlertPassedOn, _alert_for),
        (AlertCalled, _alert_called),
        *((kind, _alert_ended) for kind in OUTCOMES),
        (ListChecked, _list_checked),
        (ListSent, _list_for),
        (PartyAdded, _party_added),
        (LeadDeclined, _lead_declined),
        (LeadChanged, _lead_changed),
        (LeadKept, _lead_kept),
        (MatchTold, _match_told),
        (CaseClosed, _closed_or_reopened),
        (CaseReopened, _closed_or_reopened),
        (CaseAssigned, _assigned),
        (CasesPassed, _passed),
        (EntryMentioned, _mentioned),
        (DayGathered, _day),
        (StaffSessionOpened, _looked_at),
        (EmergencyOpened, _emergency_opened),
        (EmergencyRefused, _emergency_refused),
        (EmergencyReviewed, _emergency_reviewed),
        (PersonAbstained, _abstained),
        (PartyEnding, _party_ending),
        (TermsMoved, _terms_moved),
        (ReferralSent, _referral_for_receiver),
        (ReferralSilent, _silent),
        (ReferralPassedOn, _referral_for_receiver),
        (ReferralAccepted, _referral_for_sender),
        (ReferralReturned, _referral_for_sender),
        (ReferralAnswered, _referral_for_sender),
        (CommitmentProposed, _commitment),
        (CommitmentAccepted, _commitment),
        (CommitmentPostponed, _commitment),
        (CommitmentNotMet, _commitment),
        (CommitmentDone, _commitment),
        (CommitmentObjected, _commitment),
        (CommitmentVerified, _commitment),
        (CommitmentWithdrawn, _commitment),
        *((kind, _duty) for kind in DUTY_TEXT),
        (DutiesMoved, _duties_moved),
        (FollowUpsMoved, _followups_moved),
        (PlanApproved, _plan_approved),
        (InterviewRecorded, _heard),
        (MeetingConvened, _convened),
        (BriefRequested, _brief_wanted),
        (FactorChanged, _own_factor),
        (RecoveryCodeUsed, _own_factor),
        (ResetAsked, _reset_asked),
        (AgreementRecorded, _agreed),
    )
    for event, tell_of_it in told:
        events.subscribe(event, tell_of_it, name=f"notifications.{event.__name__}")
