"""Slack, without Slack: a workspace of people, and an API that listens on this machine."""
