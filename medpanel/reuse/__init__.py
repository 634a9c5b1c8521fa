"""Nothing is computed twice: every result is kept under a fingerprint of everything it was made from.

Belongs here: fingerprints (of frames, options, code) and the store of results. Does not belong here: making results,
and deciding what they are made from (dagster_project, medpanel/report, medpanel/publishing).
"""

from medpanel.reuse.code import code_of, whole_code
from medpanel.reuse.fingerprint import files_sha256, fingerprint, frame_sha256
from medpanel.reuse.libraries import versions
from medpanel.reuse.store import Store

__all__ = ["Store", "code_of", "files_sha256", "fingerprint", "frame_sha256", "versions", "whole_code"]
