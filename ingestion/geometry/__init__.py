"""Map files to geometries: decoding TopoJSON and echarts' encoded JSON, and building polygons, kept as they are.

Does not belong here: which place a polygon is (ingestion/readers/boundary_places.py) and rows (the readers).
"""

from ingestion.geometry.echarts import decode_echarts
from ingestion.geometry.shapes import GeometryError, build_geometry, find_outside
from ingestion.geometry.topojson import decode_topology

__all__ = ["GeometryError", "build_geometry", "decode_echarts", "decode_topology", "find_outside"]
