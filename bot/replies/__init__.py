"""Everything the bot says privately, as Slack's markup: to a click, to a command, and about what was mistyped."""
