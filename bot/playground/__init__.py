"""The playground: the bot in a web page, as any of the invented people."""
