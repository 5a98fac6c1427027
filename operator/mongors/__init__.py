"""mongors keeps MongoDB replica sets on Kubernetes: correct, authenticated, highly available."""

__version__ = "0.1.0"
