"""Each clause of a deliberation, linked to its executable proof."""
