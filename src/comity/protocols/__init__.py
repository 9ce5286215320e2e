"""The rules of dossiers: pure, one folder per protocol under its pillar."""
