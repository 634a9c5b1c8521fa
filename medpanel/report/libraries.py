"""What draws charts on a page: Vega, Vega-Lite and Vega-Embed as shipped with vl-convert. Nothing else belongs here."""

from functools import cache

import vl_convert


@cache
def libraries() -> str:
    """Their code, which sets window.vegaEmbed."""
    code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return code.replace("</script", "<\\/script").replace("<!--", "<\\!--")
