"""The whole product on one machine: a local AWS, a local Slack, and a page to see both. See `python -m demo --help`."""
