"""Tests of people and of the index of their names."""
