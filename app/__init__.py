"""What the photographer sees and touches."""
