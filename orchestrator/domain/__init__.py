"""What may go, what stays, and why. Standard library only: no clock, no network, no environment."""
