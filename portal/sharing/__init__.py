"""Who sees a case and why: institutions, people, circles, bars, and emergency access."""
