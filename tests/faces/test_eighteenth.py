"""A copy of the demo with an eighteenth participant: a third embolus holds the infusion, and the page says how that is lifted."""
