"""Duplicates: a child known twice is proposed to both leads, who link, merge or keep apart."""
