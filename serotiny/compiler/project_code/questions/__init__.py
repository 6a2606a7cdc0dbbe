"""Answer what the rest of the compiler asks about a project's code, a subject in each module."""
