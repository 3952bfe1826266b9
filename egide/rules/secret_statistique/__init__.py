"""Statistical secrecy: tables that leave no small group to be guessed (loi n° 51-711, art. 6)."""
