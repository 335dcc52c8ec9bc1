"""The demonstration: Tarapoto's institutions, with people and cases that are all invented."""

from portal.demo.running import run

__all__ = ["run"]
