"""Search: cases and alerts by half-remembered names, codes, documents and what is written."""
