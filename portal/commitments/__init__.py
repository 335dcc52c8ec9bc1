"""Commitments: what an institution undertook, by when, with what evidence, verified by another."""
