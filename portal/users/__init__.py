"""Users: people with an account, their passwords and sign-ins."""
