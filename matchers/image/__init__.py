"""Matchers over pictures."""
