"""A history on paper and as data: who took it, for whom, when and why stands on every page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal import clock, paper
from portal.actor import Actor
from portal.cases.endings import ENDS
from portal.cases.labels import (
    CIRCLE,
    KIND,
    LEVEL,
    PLACEMENT,
    PRIORITY,
    RIGHT,
    RIGHT_STATE,
    SITUATION,
    STATUS,
)
from portal.commitments.labels import STATUS as COMMITMENT
from portal.copies.gathering import Gathered
from portal.copies.labels import PURPOSE
from portal.copies.models import HistoryFile
from portal.duties.labels import STATUS as NOTICE
from portal.family.labels import RELATION
from portal.followups.labels import END as FOLLOWUP_END
from portal.followups.labels import FINDING
from portal.interviews.labels import KIND as INTERVIEW
from portal.people.labels import SEX
from portal.plans.labels import DECISION, PROGRESS
from portal.privacy.redaction import Redactor, Third
from portal.referrals.labels import OUTCOME
from portal.referrals.labels import STATUS as REFERRAL
from portal.texts import _, day_text, moment_text

# What is a code or an address and holds no name, whatever it looks like.
PLAIN = frozenset({"id", "child", "corrects", "file", "sha256", "code", "schema", "hangs_on"})
Row = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Mark:
    """Who took a history, for which institution, when and why: the watermark."""

    number: str
    name: str
    agency: str
    at: datetime
    purpose: str
    reason: str

    @property
    def line(self) -> str:
        """Return who and when, for the foot of each page."""
        when = moment_text(clock.local(self.at))
        return _(
            "Taken by %(name)s, %(agency)s, %(moment)s",
            name=self.name,
            agency=self.agency,
            moment=when,
        )

    @property
    def why(self) -> str:
        """Return why, for the foot of each page."""
        return f"{self.purpose}: {self.reason}"


def mark_of(made: HistoryFile, actor: Actor, reason: str) -> Mark:
    """Return the watermark of a history."""
    purpose = str(PURPOSE[made.purpose])
    return Mark(made.number, actor.name, actor.agency_name, made.made_at, purpose, reason)


def marked(found: Gathered, mark: Mark, *, with_names: bool) -> dict[str, Any]:
    """Return the data with its watermark; without names, the children and family by initials."""
    data = found.data
    if not with_names:
        redactor = Redactor(
            [
                Third(each.given_names, f"{each.first_surname} {each.second_surname}", True)
                for each in found.named
            ]
        )
        data = _reduced(data, redactor)
        for child in data["children"]:
            child["name"] = child["initials"]
    return {
        "schema": data["schema"],
        "taken": {
            "number": mark.number,
            "by": mark.name,
            "institution": mark.agency,
            "at": clock.local(mark.at).isoformat(timespec="seconds"),
            "purpose": mark.purpose,
            "reason": mark.reason,
            "with_names": with_names,
        },
        **{name: part for name, part in data.items() if name != "schema"},
    }


def _reduced(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, Mapping):
        return {
            name: each if name in PLAIN else _reduced(each, redactor)
            for name, each in value.items()
        }
    if isinstance(value, list):
        return [_reduced(each, redactor) for each in value]
    return redactor.text(value) if isinstance(value, str) else value


def readme(data: Mapping[str, Any], mark: Mark) -> str:
    """Return what a ZIP says of itself to whoever opens it."""
    lines = [
        _("History of case %(code)s", code=data["case"]["code"]),
        ": ".join((_("Number"), mark.number)),
        mark.line,
        ": ".join((_("Why"), mark.why)),
        "",
        _(
            "history.pdf: to read and print. history.json: the same as data (%(schema)s).",
            schema=data["schema"],
        ),
        _("files: the documents as they were filed; history.json says of each what it is."),
        "",
        _confidential(),
        "",
    ]
    return "\r\n".join(lines)


def _confidential() -> str:
    return _(
        "It holds what its reader may read and nothing else; restricted pieces, where a child in "
        "care is and who told it stand apart. Confidential: DL 1297 art. 5.i; Ley 29733 art. 17; "
        "Código de los Niños y Adolescentes art. 6. Who hands it on answers for it."
    )


def draw(data: Mapping[str, Any], mark: Mark) -> bytes:
    """Return a history as tagged PDF."""
    code = data["case"]["code"]
    return paper.draw(
        "history.typ",
        {
            "title": _("History of case %(code)s", code=code),
            "agency": mark.agency,
            "number": mark.number,
            "facts": _head(data["case"]),
            "basis": _confidential(),
            "printed": mark.line,
            "why": mark.why,
            "code": code,
            "page": _("page"),
            "of": _("of"),
            "parts": [part for part in _parts(data) if part["rows"]],
        },
    )


def _head(case: Mapping[str, Any]) -> Row:
    facts = [
        (_("Status"), _word(STATUS, case["status"])),
        (_("Priority"), _word(PRIORITY, case["priority"])),
        (_("District"), case["district"]),
        (_("File number"), case.get("file_number", "")),
        (_("Situation"), _word(SITUATION, case.get("situation", ""))),
        (_("Stage"), case.get("stage", "")),
        (_("Measure"), case.get("measure", "")),
        (_("Alert received"), _moment(case.get("received_at"))),
        (_("Closed"), _moment(case.get("closed_at"))),
        (_("Outcome"), case.get("outcome", "")),
        (_("Summary"), case.get("summary", "")),
    ]
    return [fact for fact in facts if fact[1]]


def _word(labels: Mapping[Any, Any], code: str) -> str:
    return next((str(label) for key, label in labels.items() if key.value == code), code)


def _moment(text: str | None) -> str:
    return moment_text(clock.local(datetime.fromisoformat(text))) if text else ""


def _day(text: str | None) -> str:
    return day_text(date.fromisoformat(text)) if text else ""


def _row(*pairs: tuple[str, str]) -> Row:
    return [pair for pair in pairs if pair[1]]


def _part(title: str, rows: Sequence[tuple[str, Row, bool]]) -> dict[str, Any]:
    """Return a part of the paper: each row with its heading, its facts, whether it is struck."""
    return {
        "title": title,
        "rows": [{"head": head, "facts": facts, "struck": struck} for head, facts, struck in rows],
    }


def _parts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    names = {child["id"]: child["name"] for child in data["children"]}
    return [
        _part(_("Children"), [_child(row) for row in data["children"]]),
        _part(_("Conclusions"), [_conclusion(row, names) for row in data["conclusions"]]),
        _part(
            _("Follow-up after the return"), [_followup(row, names) for row in data["followups"]]
        ),
        _part(_("Family"), [_relative(row) for row in data["family"]]),
        _part(_("Institutions"), [_party(row) for row in data["institutions"]]),
        _part(_("Rights"), [_right(row, names) for row in data["rights"]]),
        _part(_("Legal terms"), [_term(row) for row in data["terms"]]),
        _part(_("Mandatory notices"), [_notice(row) for row in data["notices"]]),
        _part(_("Interviews"), [_interview(row, names) for row in data["interviews"]]),
        _part(_("Referrals"), [_referral(row) for row in data["referrals"]]),
        _part(_("Commitments"), [_commitment(row) for row in data["commitments"]]),
        _part(_("Individual work plans"), [_plan(row, names) for row in data["plans"]]),
        _part(_("Timeline"), [_entry(row) for row in data["timeline"]]),
        _part(_("Documents"), [_document(row) for row in data["documents"]]),
        _part(_("Not in this history"), [_left_out(row) for row in data["left_out"]]),
    ]


def _child(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Age"), row["age"]),
        (_("Sex"), _word(SEX, row["sex"])),
        (_("Whereabouts"), _word(PLACEMENT, row["placement"])),
    )
    return row["name"], facts, False


def _conclusion(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, Row, bool]:
    ends = [
        ". ".join(
            part
            for part in (
                f"{names.get(child['child'], '')}: {_ending(child['ending'])}",
                _day(child["returned_on"]),
                child["not_restored_because"],
            )
            if part
        )
        for child in row["children"]
    ]
    facts = _row(
        (_("Resolution"), row["resolution"]),
        (_("Date"), _day(row["dated"])),
        (_("Norm"), row["basis"]),
        (_("How it ended"), "; ".join(ends)),
        (_("Explanation"), row["explanation"]),
        (_("Reopened at"), _moment(row["reopened_at"])),
        (_("Why it was reopened"), row["reopened_because"]),
        (_("Closed by mistake"), _("Yes") if row.get("closed_by_mistake") else ""),
    )
    return _moment(row["at"]), facts, False


def _followup(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Returned on"), _day(row["returned_on"])),
        (_("Last day"), " · ".join(part for part in (_day(row["until"]), row["counted"]) if part)),
        (_("Next visit"), _day(row["next_visit_on"])),
        (_("Ended at"), _moment(row["ended_at"])),
        (_("How it ended"), _word(FOLLOWUP_END, row["end"]) if row["end"] else ""),
        (_("Reason"), row["ended_because"]),
        *(
            (", ".join((_("Follow-up visit"), _day(visit["on"]))), _visit_found(visit))
            for visit in row["visits"]
        ),
    )
    return names.get(row["child"], ""), facts, False


def _visit_found(row: Mapping[str, Any]) -> str:
    struck = _("struck") if row["is_struck"] else ""
    parts = (_word(FINDING, row["finding"]), row["found"], row["by"], struck)
    return " · ".join(part for part in parts if part)


def _left_out(row: Mapping[str, str]) -> tuple[str, Row, bool]:
    where = _(
        "What this module keeps of the case beyond its timeline. Whoever may read it finds it in "
        "the portal: on the page of the case, and under this name in the menu."
    )
    return row["name"], [(_("Where it is"), where)], False


def _ending(code: str) -> str:
    return next((str(end.title) for end in ENDS if end.ending.value == code), code)


def _relative(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    cares = _("takes care of them") if row["is_caregiver"] else ""
    facts = _row((_("Relation"), _word(RELATION, row["relation"])), (_("Care"), cares))
    return row["name"], facts, row["struck_at"] is not None


def _party(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Level"), _word(LEVEL, row["level"])),
        (_("Legal basis"), row["legal_basis"]),
        (_("Since"), _moment(row["since"])),
        (_("Until"), _moment(row["until"])),
    )
    return row["name"], facts, False


def _right(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Child"), names.get(row["child"], "")),
        (_("Status"), _word(RIGHT_STATE, row["state"])),
        (_("Since"), _day(row["since"])),
        (_("Institution"), row["institution"]),
        (_("Next step"), row["next_step"]),
        (_("Evidence"), row["evidence"]),
        (
            _("Before"),
            "; ".join(
                f"{_word(RIGHT_STATE, step['state'])}, {_moment(step['at'])}"
                for step in row["before"][:-1]
            ),
        ),
    )
    return _word(RIGHT, row["right"]), facts, False


def _term(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Owed by"), row["owed_by"]),
        (_("From"), _moment(row["starts_at"])),
        (_("Last day"), _day(row["due_on"])),
        (_("Met or ended"), _moment(row["ended_at"])),
        (_("Why it was late"), row["late_reason"]),
    )
    return row["title"], facts, False


def _notice(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Basis"), row["basis"]),
        (_("Status"), _word(NOTICE, row["status"])),
        (_("Whom"), row["addressee"]),
        (_("Last day"), _day(row["due_on"])),
        (_("Sent"), _moment(row["sent_at"])),
        (_("Confirmed"), _moment(row["confirmed_at"])),
        (_("Reason"), row["not_told_because"]),
    )
    return row["title"], facts, False


def _interview(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Child"), names.get(row["child"], "")),
        (_("When"), _day(row["heard_on"])),
        (_("Heard by"), row["heard_by"]),
        (_("On what"), row["subject"]),
        (_("Report"), row["report"]),
        (_("Kept by"), row["report_kept_by"]),
    )
    return _word(INTERVIEW, row["kind"]), facts, row["struck_at"] is not None


def _referral(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Sent by"), row["from"]),
        (_("Right"), _word(RIGHT, row["right"])),
        (_("Status"), _word(REFERRAL, row["status"])),
        (_("Sent"), _moment(row["sent_at"])),
        (_("Answer by"), _day(row["due_on"])),
        (_("Receipt"), _moment(row["opened_at"])),
        (_("Number given by the receiver"), row["receiver_number"]),
        (_("What is asked"), row["asked"]),
        (_("Returned because"), row["returned_because"]),
        *(
            (", ".join((_("Answer"), _moment(answer["at"]))), _answer(answer))
            for answer in row["answers"]
        ),
    )
    return row["to"], facts, False


def _answer(answer: Mapping[str, Any]) -> str:
    outcome = _word(OUTCOME, answer["outcome"]) if answer["outcome"] else ""
    return " · ".join(
        part for part in (answer["by"], outcome, answer["answer"], answer["document"]) if part
    )


def _commitment(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    facts = _row(
        (_("Status"), _word(COMMITMENT, row["status"])),
        (_("What is owed"), row["act"]),
        (_("First day"), _day(row["first_due_on"])),
        (_("Last day"), _day(row["due_on"])),
        (_("Evidence"), " · ".join(part for part in (row["evidence"], row["document"]) if part)),
        (_("Verified by"), row["verified_by"]),
        (_("What was found"), row["verdict"]),
    )
    return row["owed_by"], facts, False


def _plan(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, Row, bool]:
    facts = _row(
        *(
            (
                " ".join((_("Version"), str(each["number"]))),
                " · ".join(
                    part
                    for part in (each["resolution"], _moment(each["approved_at"]), each["reason"])
                    if part
                ),
            )
            for each in row["versions"]
        ),
        (_("Ended at"), _moment(row["ended_at"])),
        (_("Why it ended"), row["ended_because"]),
        (_("Problems to solve"), row["problems"]),
        (_("Measures"), row["measures"]),
        (_("In charge of the plan"), row["in_charge"]),
        (_("The child's opinion"), row["opinion"]),
        (_("How it was weighed"), row["opinion_weighed"]),
        (_("Why there is no opinion"), row["no_opinion_because"]),
        *(
            (
                ": ".join((_("Objective"), each["text"])),
                "; ".join(map(_activity, each["activities"])),
            )
            for each in row["objectives"]
        ),
        *(
            (_("Follow-up visit"), " · ".join(part for part in _visit(each) if part))
            for each in row["visits"]
            if each["happened_at"]
        ),
        *(
            (
                ", ".join((_("Review of the plan"), _day(each["held_on"]))),
                " · ".join((_word(DECISION, each["decision"]), each["words"])),
            )
            for each in row["reviews"]
            if each["held_on"]
        ),
    )
    return names.get(row["child"], ""), facts, False


def _activity(row: Mapping[str, Any]) -> str:
    stands = _("followed as a commitment")
    if not row["is_commitment"]:
        stands = _word(PROGRESS, row["progress"])
    parts = (row["act"], row["owed_by"], _day(row["due_on"]), stands, row["result"])
    return " · ".join(part for part in parts if part)


def _visit(row: Mapping[str, Any]) -> tuple[str, ...]:
    stands = _word(PROGRESS, row["progress"])
    return _moment(row["happened_at"]), stands, row["visitor"], row["found"], row["note"]


def _entry(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    kind, is_struck = _word(KIND, row["kind"]), row["struck_at"] is not None
    text = row["text"]
    if row["is_withheld"]:
        text = _("Restricted access: not in this history (DL 1297 art. 5.i).")
    author = ", ".join(part for part in (row["institution"], row["author"]) if part)
    facts = _row(
        (_("Text"), text),
        (_("Written by"), author),
        (_("Recorded"), _moment(row["recorded_at"])),
        (_("Who can read it"), _word(CIRCLE, row["circle"])),
        (
            _("Struck"),
            " · ".join(part for part in (_moment(row["struck_at"]), row["struck_because"]) if part),
        ),
    )
    head = " · ".join(part for part in (_moment(row["happened_at"]), row["title"] or kind) if part)
    return head, facts, is_struck


def _document(row: Mapping[str, Any]) -> tuple[str, Row, bool]:
    author = ", ".join(part for part in (row["institution"], row["author"]) if part)
    facts = _row(
        (_("Filed at"), _moment(row["filed_at"])),
        (_("Filed by"), author),
        (_("Version"), str(row["version"])),
        (_("Kind of file"), row["format"].upper()),
        (_("Hash (SHA-256)"), row["sha256"]),
    )
    return row["title"], facts, row["struck_at"] is not None
