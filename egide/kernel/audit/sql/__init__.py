"""SQL functions of the trail, read by the compiler."""
