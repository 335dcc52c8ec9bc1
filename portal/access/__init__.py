"""Access: memberships, roles and permissions, and the duty roster of each agency."""
