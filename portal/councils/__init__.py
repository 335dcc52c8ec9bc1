"""Councils: seats, sessions with agenda and quorum, agreements, the live views and the acta."""
