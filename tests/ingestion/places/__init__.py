"""Tests of ingestion/places."""
