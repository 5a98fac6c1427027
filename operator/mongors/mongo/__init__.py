"""Commands to one mongod, and the only code that knows its driver."""
