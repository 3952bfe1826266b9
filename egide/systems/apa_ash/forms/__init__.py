"""Forms: what a person may type, with the French message that says how to mend it."""
