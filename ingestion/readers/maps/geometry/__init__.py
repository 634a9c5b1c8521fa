"""Map files to geometries: decoding TopoJSON and echarts' encoded JSON, and building polygons, kept as they are.

Does not belong here: which place a polygon is (ingestion/readers/maps/boundary_places.py) and rows (the readers).
"""

from ingestion.readers.maps.geometry.echarts import decode_echarts
from ingestion.readers.maps.geometry.shapes import GeometryError, build_geometry, find_outside
from ingestion.readers.maps.geometry.topojson import decode_topology

__all__ = ["GeometryError", "build_geometry", "decode_echarts", "decode_topology", "find_outside"]
