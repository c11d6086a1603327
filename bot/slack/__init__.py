"""Slack: requests in, Block Kit out."""
