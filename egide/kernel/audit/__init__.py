"""The trail: one row per act and per read, in the transaction of the act or read."""
