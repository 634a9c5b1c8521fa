"""The toy part: an indicator over its mean of the year."""
