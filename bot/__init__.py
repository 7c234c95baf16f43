"""Hears what people do in Slack, checks who they are, and passes one request or one decision on."""
