"""What is recorded of a job: parameters, provenance, data, environment and the request to the tracking store."""
