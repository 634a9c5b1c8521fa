"""Names and titles of what shows convergence; sentences are in texts.py."""

from catalog.base import Text

SIGMA, BETA = "sigma_convergence", "beta_convergence"
SIGMA_TITLE = Text(en="Sigma convergence: spread between places", zh="σ收敛：地区间离散程度")
BETA_TITLE = Text(en="Beta convergence: growth on the initial value", zh="β收敛：增长对初始水平")
