"""Cases: the shared record of a child or sibling group, and who may see which part of it."""
