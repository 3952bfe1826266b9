"""Each column of each model: its category, its purposes and its legal source."""
