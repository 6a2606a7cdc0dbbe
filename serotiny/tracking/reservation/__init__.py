"""Who holds a run name, and how one becomes its holder."""
