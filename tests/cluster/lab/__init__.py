"""The cluster tool: a Kubernetes to test against, from nothing but this machine.

Standard library only, so that it runs before any virtual environment exists.
"""
