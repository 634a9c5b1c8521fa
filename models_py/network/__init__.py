"""Networks of flows between places: when a flow is a tie, what unlisted pairs may be, centrality, models of ties."""
