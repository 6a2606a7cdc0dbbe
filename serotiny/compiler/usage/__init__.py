"""Where the configs of a project are used: each is judged there, with what that place completes."""
