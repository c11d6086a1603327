"""Bulletins: written, checked, approved by a second person, sent once, corrected, read and kept."""
