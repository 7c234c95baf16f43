"""Scan a region: shared by the workflow and the terminal."""
