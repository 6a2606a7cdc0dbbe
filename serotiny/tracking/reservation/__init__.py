"""Reserve run names: which run has a name, and how a process claims it."""
