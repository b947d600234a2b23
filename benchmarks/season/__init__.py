"""A season lived through: a site that grows match day by match day, and updates that follow it."""
