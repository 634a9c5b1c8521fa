"""`medpanel inspect`: what a file is and what would become of it, without loading anything.

inspecting.py finds the declaration and reads; proposing.py finds what an undeclared file needs declared; showing.py
prints. Reading itself is ingestion/.
"""
