"""Two-stage difference in differences: what exposed entities would have been, estimated from unexposed rows alone.

Belongs here: Gardner's estimator with its covariance. Does not belong here: who is compared and the rows published
(staggered.py).
"""

import numpy as np

from models_py.econometrics.result import EstimationError
from models_py.panel import refuse


def did2s(
    outcome: np.ndarray,
    exposed: np.ndarray,
    entity: np.ndarray,
    time: np.ndarray,
    controls: np.ndarray,
    second: np.ndarray,
    cluster: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Regress the outcome on entity and time effects and controls in unexposed rows; then all residuals on `second`.

    `outcome` (n), `exposed` (n, boolean), `entity`, `time`, `cluster` (n, codes), `controls` (n x c), `second` (n x k,
    zero in unexposed rows). Returns the coefficients of `second` (k) and their covariance (k x k): the two steps as one
    method of moments, clustered, without a small-sample factor; the estimator of did2s. Gardner (2021), "Two-stage
    differences in differences", section 3.

    pyfixest's `did2s` drops entities with a single unexposed row from its first step and then fails on their rows;
    exposure that begins in the second year of a panel gives just such entities. Where it runs both agree.

    Raises EstimationError when unexposed rows do not identify every effect and control.
    """
    entities, times = (np.eye(int(code.max()) + 1)[code] for code in (entity, time))
    first = np.column_stack([entities, times[:, 1:], controls])
    length = np.linalg.norm(first[~exposed], axis=0)
    refuse(EstimationError, (not (length > 0).all(), "the unexposed rows miss an entity, a period or a control"))
    first = first / length
    base = first[~exposed]
    rows, columns = base.shape
    refuse(
        EstimationError,
        (
            np.linalg.matrix_rank(base, tol=1e-9) < columns,
            "the unexposed rows do not identify the effects of entities and periods and the controls",
        ),
        (rows <= columns, f"{rows} unexposed rows leave no degrees of freedom"),
    )
    bread = np.linalg.pinv(base.T @ base)
    residual = outcome - first @ (bread @ (base.T @ outcome[~exposed]))
    inner = np.linalg.inv(second.T @ second)
    beta = inner @ (second.T @ residual)
    # Moments of both steps; the second one's depend on the first through X2'X1 (X10'X10)^-1.
    moments = second * (residual - second @ beta)[:, None]
    moments -= (first * np.where(exposed, 0.0, residual)[:, None]) @ (second.T @ first @ bread).T
    scores = np.stack([np.bincount(cluster, weights=column) for column in moments.T], axis=1)
    return beta, inner @ (scores.T @ scores) @ inner
