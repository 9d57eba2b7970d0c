"""Measurements of the program that anyone can repeat."""
