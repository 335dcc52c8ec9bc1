"""Write the table of places from the JSON files of the data package (run at set-up)."""
