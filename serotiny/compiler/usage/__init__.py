"""Find the jobs in which the configs of a project are used, since each config is checked as a part of them."""
