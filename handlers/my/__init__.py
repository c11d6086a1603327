"""What is somebody's own across all features: what they owe, and what they raised."""
