"""What can be said of a manifest by its files' names and headers, without torch or pandas.

The data module reads manifests by these rules, and a check judges configs by the same.
"""
