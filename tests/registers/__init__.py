"""The proof for escalations, risks and challenges: rights, states and bad input, as people and as machines try them."""
