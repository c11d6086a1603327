"""What a meeting talks about, its papers, and its pack."""
