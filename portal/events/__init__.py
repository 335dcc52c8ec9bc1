"""Events and jobs: written with the act (outbox), delivered right after it, retried until done.

Handlers are idempotent, each in a transaction of its own, in the order of registration: the core's
first, then the modules'. What keeps failing is parked where the health page shows it.
"""

from portal.events.bus import Event, job, periodic, record, subscribe, subscribe_all
from portal.events.delivery import add_job, deliver, run_due, run_worker, settle, waiting

__all__ = [
    "Event",
    "add_job",
    "deliver",
    "job",
    "periodic",
    "record",
    "run_due",
    "run_worker",
    "settle",
    "subscribe",
    "subscribe_all",
    "waiting",
]
