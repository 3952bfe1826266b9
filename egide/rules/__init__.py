"""The law: pure functions and dated figures, without Django, clock or database."""
