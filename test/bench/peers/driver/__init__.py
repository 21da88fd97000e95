"""The parts of bench.py: one module for each thing that is measured, and what they share."""
