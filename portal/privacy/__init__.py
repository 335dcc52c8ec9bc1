"""Privacy: unusual readings, incidents, orders of an authority, and what people ask of their data.

Who holds the office sees that something was read, by whom and when; never what it says.
"""
