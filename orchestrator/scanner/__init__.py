"""Scan one region: the workflow, the terminal and the re-check before a delete ask the same questions here.

- `slices`: the order of the phases, for whoever runs them
- `phases`: what one slice of a phase does, and what it hands on
- `region`: what is asked once a region
- `history`: where aliases pointed, read from CloudTrail
- `facts`, `callers`: ask AWS about functions, and attach the answers
- `parts`, `part`: cut the fleet into parts, and ask about one of them
- `confirming`: State, policy and executions of what is in question
- `recheck`, `listing_again`: judge approved versions again, on facts asked now
- `report_files`: the JSON and CSV reports, and the offer
"""
