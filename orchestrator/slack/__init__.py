"""Speak to Slack: messages are pure values, the messenger sends them."""
