"""The rules of manifests, from the names and headers of their files, without torch or pandas.

They are used by the data module, which reads manifests, and by the check of configs.
"""
