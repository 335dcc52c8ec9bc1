"""Alerts: early detection of children at risk, sent to the competent authority within minutes."""
