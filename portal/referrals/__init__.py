"""Referrals: what one institution asks of another for a child, until it is answered."""
