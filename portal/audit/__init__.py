"""The trail: everything read or changed about a child, chained so that it cannot be bent."""

from portal.audit.chain import (
    Finding,
    checkpoint,
    head,
    install_triggers,
    link_entries,
    verify,
)
from portal.audit.trail import (
    Look,
    cases_seen_in,
    lookers,
    note_read,
    record,
    who_looked,
    write_reads,
)

__all__ = [
    "Finding",
    "Look",
    "cases_seen_in",
    "checkpoint",
    "head",
    "install_triggers",
    "link_entries",
    "lookers",
    "note_read",
    "record",
    "verify",
    "who_looked",
    "write_reads",
]
