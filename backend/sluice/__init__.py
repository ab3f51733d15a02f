"""Sluice: own your video streaming."""
