"""Files that come in or go out: pure functions between bytes and values."""
