"""Examples of maps and spatial weights. The shapes are rectangles: no example draws a border."""

import json
from dataclasses import dataclass
from typing import Any

from catalog.provinces import load_adjacency
from medpanel.guide.examples.example import CODES, LayoutExample
from medpanel.office.table_files import csv_bytes, r_data_bytes

_PLACES = ((110000, "北京市", 116.0, 40.0), (120000, "天津市", 117.0, 39.0), (330000, "浙江省", 120.0, 29.0))


def _rectangle(lon: float, lat: float) -> list[list[float]]:
    return [[lon, lat], [lon + 0.5, lat], [lon + 0.5, lat + 0.5], [lon, lat + 0.5], [lon, lat]]


def map_json() -> LayoutExample:
    """Rectangles as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"adcode": code, "name": name},
            "geometry": {"type": "Polygon", "coordinates": [_rectangle(lon, lat)]},
        }
        for code, name, lon, lat in _PLACES
    ]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return LayoutExample(
        "map_json",
        "maps",
        "示意.geojson",
        f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode(),
        {"map": {"approval": "GS(2026)0000号"}},
        "GeoJSON, TopoJSON or the encoded JSON of echarts, told apart by what they say of themselves. Each feature is "
        "the place its code says (adcode, id, code, gb) and its name must agree; a feature without a code goes by its "
        "name, with `map: {level: …}` where two levels share it. Geometry is kept as it came. The number of approval ("
        "审图号) stands in the file or in `map: {approval: …}`; a map without one is loaded with a remark.",
        "GeoJSON、TopoJSON 或 echarts 编码 JSON，自动区分。要素按代码（adcode、id、code、gb）识别，名称须一致；无代码"
        "者按名称，重名时以 map: {level: …} 指明层级。几何按原样保存。审图号见文件或 map: {approval: …}；没有者加注后"
        "照常读取。",
    )


@dataclass(frozen=True)
class _Sf:
    """A data frame of class sf: columns of the same length, the last one of polygons."""

    columns: dict[str, list[Any]]


@dataclass(frozen=True)
class _Polygon:
    ring: list[list[float]]


def _r_classes() -> dict[Any, Any]:
    """How R holds them: lists with attributes, a ring as a matrix of two columns."""
    import numpy as np
    from rdata.conversion.to_r import build_r_object
    from rdata.parser import RObjectType

    def polygon(shape: _Polygon, converter: Any) -> Any:
        ring = converter.convert_to_r_object(np.array(shape.ring))
        attributes = converter.convert_to_r_attributes({"class": np.array(["XY", "POLYGON", "sfg"])})
        return build_r_object(RObjectType.VEC, value=[ring], is_object=True, attributes=attributes)

    def frame(made: _Sf, converter: Any) -> Any:
        columns = []
        for name, values in made.columns.items():
            if name == "geometry":
                members = [converter.convert_to_r_object(value) for value in values]
                attributes = converter.convert_to_r_attributes({"class": np.array(["sfc_POLYGON", "sfc"])})
                columns.append(build_r_object(RObjectType.VEC, value=members, is_object=True, attributes=attributes))
            else:
                columns.append(converter.convert_to_r_object(np.array(values)))
        attributes = converter.convert_to_r_attributes(
            {
                "names": np.array(list(made.columns)),
                "row.names": np.arange(1, len(made.columns["geometry"]) + 1, dtype=np.int32),
                "sf_column": "geometry",
                "class": np.array(["sf", "data.frame"]),
            }
        )
        return build_r_object(RObjectType.VEC, value=columns, is_object=True, attributes=attributes)

    return {_Polygon: polygon, _Sf: frame}


def map_rda() -> LayoutExample:
    """Rectangles as an sf data frame."""
    frame = _Sf(
        {
            "code": [float(code) for code, *_ in _PLACES],
            "name": [name for _, name, *_ in _PLACES],
            "geometry": [_Polygon(_rectangle(lon, lat)) for *_, lon, lat in _PLACES],
        }
    )
    shown = tuple((str(code), name, f"POLYGON (({lon:g} {lat:g}, …))") for code, name, lon, lat in _PLACES)
    return LayoutExample(
        "map_rda",
        "maps",
        "示意.rda",
        r_data_bytes({"example": frame}, _r_classes()),
        {"map": {"code": "code", "name": "name", "approval": "GS(2026)0000号"}},
        "One data frame of class sf in an .rda or .RData file, with polygons in longitude and latitude; its columns "
        "of code and name are declared. Its other columns are figures of their own and no part of the map.",
        ".rda 或 .RData 中一个 sf 类数据框，经纬度多边形；代码列与名称列须声明，其余列不属于地图。",
        shown=(("code", "name", "geometry"), *shown),
    )


def weights() -> LayoutExample:
    """Which provinces border on which, from the product's own table."""
    borders = load_adjacency()
    rows = [[code, *(int((code, other) in borders) for other in CODES)] for code in CODES]
    return LayoutExample(
        "spatial_weights",
        "maps",
        "省级邻接矩阵.csv",
        csv_bytes([["code", *CODES], *rows]),
        {"weights": {"name": "contiguity", "kind": "contiguity", "order": "codes", "standardised": "none"}},
        "A square matrix (CSV or workbook), .gal or .gwt. `order` says what the ids stand for: codes or names of "
        "places (`codes`), 1 to 31 in the order of the provinces' codes (`provinces`), or a list of codes. One wrong "
        "cell refuses the matrix: a weight on the diagonal, a negative one, a contiguity given one way only, rows "
        "that do not sum to one where `standardised: row` says so. Islands and borders unlike the reference table are "
        "remarked on.",
        "方阵（CSV 或工作簿）、.gal 或 .gwt。order 说明编号含义：地点代码或名称（codes）、按省份代码次序的1至31（"
        "provinces），或代码列表。一处有误即整体拒绝：对角线不为零、负权重、邻接只有单向、声明 standardised: row 而行"
        "和不为1。孤立单位及与参考表不符的边界另行注明。",
    )


def distances() -> LayoutExample:
    """Pairs of cities with the way between them; the straight distances are true, the ways invented."""
    rows = [
        ["Shijiazhuang", "Tangshan", 367, 415],
        ["Shijiazhuang", "Baoding", 126, 141],
        ["Tangshan", "Baoding", 243, 299],
    ]
    return LayoutExample(
        "pair_distances",
        "maps",
        "城市间距离.csv",
        csv_bytes([[str(cell) for cell in row] for row in rows]),
        {
            "weights": {
                "name": "road_km",
                "kind": "distance",
                "order": "codes",
                "pairs": {"value": 4, "straight": 3, "width": 4},
            }
        },
        "Two places and kilometres in a row, each pair once, without a header: `pairs` says by number which column is "
        "which. A straight distance beside the one that is read is held against the coordinates, so a name that means "
        "another city shows. A name several cities share (Suzhou) is refused until `names:` says which one it is.",
        "每行两地与公里数，每对一次，无表头：pairs 以列号说明各列含义。旁列的直线距离与坐标核对，可发现指向他市的名"
        "称。多市共用的名称（如 Suzhou）须在 names: 下声明，否则拒绝。",
    )


EXAMPLES = (map_json, map_rda, weights, distances)
