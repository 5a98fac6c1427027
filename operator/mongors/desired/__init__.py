"""What should exist, worked out from the custom resource alone. Pure."""
