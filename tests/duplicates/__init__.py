"""Tests of children that are known twice."""
