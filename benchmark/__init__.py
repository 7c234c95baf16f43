"""The benchmark: what a scan asks, how long it takes at AWS's quotas, what memory it needs, how soon the bot answers.

`make bench` runs it. Nothing leaves the machine: the account and Slack are the demo's.
"""
