"""Matchers over words."""
