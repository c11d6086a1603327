"""The playground: a web page that looks like a chat, for trying everything without an account."""
