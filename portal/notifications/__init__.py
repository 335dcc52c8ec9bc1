"""Notices inside the portal: a list and a count. They carry codes, never names."""
