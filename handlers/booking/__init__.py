"""Places in training: asked for, agreed to, waited for, offered, given up."""
