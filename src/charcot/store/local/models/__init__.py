"""The tables that a site keeps beside the record, one module a topic."""
