"""What is said in dossiers, and how it is read."""
