"""Slack on localhost: strict state, its Web API, and people who click with properly signed requests."""
