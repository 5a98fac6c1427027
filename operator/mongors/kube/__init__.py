"""The Kubernetes API, and the only code that knows its client."""
