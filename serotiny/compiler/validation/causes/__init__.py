"""Find causes of faults: a replaced target, the project's own code, a name from another tool."""
