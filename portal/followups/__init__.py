"""What follows a return to the family: visits for two years at least (DL 91; R 46)."""
