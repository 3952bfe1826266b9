"""SQL functions of the passage, read by the compiler."""
