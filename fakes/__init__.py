"""Local stand-ins for AWS, Slack and the durable engine that keep those platforms' rules."""
