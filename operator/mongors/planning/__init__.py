"""Desired and observed in, a list of actions out. Pure."""
