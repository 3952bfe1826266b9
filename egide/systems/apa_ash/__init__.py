"""APA and ASH, run by a département under CASF L. 232-21-3 (décret 2017-880, CNIL 2017-142)."""
