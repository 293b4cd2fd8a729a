"""The first trial that ships with Charcot: Nabavi et al. 2021, allogeneic adipose MSCs in ALS."""
