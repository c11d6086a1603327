"""What every web page of this service shares: its safety headers and its look."""
