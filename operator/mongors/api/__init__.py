"""What users write and read: the custom resource as typed values. Pure."""
