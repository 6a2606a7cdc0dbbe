"""What explains a fault of a node beside the node itself: its former target, or what code gives it."""
