"""What was seen in one pass: narrow frozen views of Kubernetes objects and mongod replies. Pure."""
