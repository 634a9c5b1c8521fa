"""What a statistics-bureau export does not say about itself and an entry of sources.yaml declares for it.

Belongs here: the keys below `export:` of an entry. Applying them: ingestion/readers/nbs_*.py.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from catalog.base import Strict
from catalog.provinces import NATION_CODE, load_provinces


class ExportDeclaration(Strict):
    """region: the one region a file of many indicators is of (Chinese or English name, or code; 全国 for the nation).

    level: what the names of regions are; a preamble 主要城市年度数据 says `city` by itself.
    places: how many cities the table holds; needed for tables of cities other than the bureau's 36 main ones.
    """

    region: str | None = None
    level: Literal["province", "city"] | None = None
    places: int | None = Field(default=None, ge=1, le=400)

    @field_validator("region")
    @classmethod
    def _is_region(cls, region: str | None) -> str | None:
        names = {"全国", str(NATION_CODE)}
        for p in load_provinces():
            names |= {p.name_zh, p.short_zh, p.name_en, str(p.province_code)}
        if region is not None and region not in names:
            raise ValueError(f"{region!r} is no province, nor 全国")
        return region
