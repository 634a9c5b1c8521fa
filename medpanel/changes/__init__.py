"""What changed from one publication to another, what was lost and why.

Belongs here: comparing two publications, finding causes, wording both. Does not belong here: stopping a publication
(medpanel/publishing/gate.py), and how a publication is made.
"""
