"""Synthetic respondents of the migrant survey in Zhejiang, behind the planted network of its 88 counties.

Belongs here: how many respondents each planted tie has, and their file. Does not belong here: the ties (networks.py),
the layout of the survey and a wave of the whole country (survey.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from medpanel.sample.networks import PlantedNetwork, planted_counties
from medpanel.sample.randomness import normal_scores, random_stream
from medpanel.sample.survey import cities, records, survey_bytes

ZHEJIANG_FILE = "synthetic_cmds_浙江_2017.dta"
# Respondents on a tie: one and more, most of them fewer than the limit for publication.
_MIDDLE, _SPREAD = 4.0, 1.0


def planted_persons(seed: int, network: PlantedNetwork) -> np.ndarray:
    """Respondents of each ordered pair: at least one on every tie, none elsewhere."""
    rng = random_stream(seed, "zhejiang_survey")
    scores = normal_scores(rng, (int(network.ties.sum()),))
    # Rounded, so that the last digit of exp() on another computer changes nobody.
    persons = np.zeros(network.ties.shape, dtype=np.int64)
    persons[network.ties] = 1 + np.floor(np.round(_MIDDLE * np.exp(_SPREAD * scores), 6)).astype(np.int64)
    return persons


def zhejiang_file(seed: int) -> bytes:
    """The file of a seed; the same seed gives the same bytes."""
    network = planted_counties(seed)
    persons = planted_persons(seed, network)
    printed = [(code, u.code, u.province_name, u.printed_as, name) for u in cities() for code, name in u.counties]
    places = pd.DataFrame(printed, columns=["code", "city", "C1", "C2", "C3"])
    number = {code: place for place, code in enumerate(places["code"])}
    at = np.array([number[node.code] for node in network.nodes])
    origin, destination = np.divmod(np.repeat(np.arange(persons.size), persons.ravel()), len(at))
    rng = random_stream(seed, "zhejiang_survey")
    frame = records(rng, places, at[origin], at[destination])
    return survey_bytes(frame.iloc[rng.permutation(len(frame))].reset_index(drop=True))
