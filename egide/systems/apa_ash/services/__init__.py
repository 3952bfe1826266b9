"""Acts: one function, one line in the trail, all or nothing."""
