"""Mutations of valid files: every outcome is the same figures or a refusal that names the place."""
